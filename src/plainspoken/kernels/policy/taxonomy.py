"""The terms of the W3C Data Privacy Vocabulary's extension for personal data (DPV-PD 2.0), as a closed set of
words.

Source: the terms of https://w3id.org/dpv/2.0/pd (W3C Data Privacy Vocabularies and Controls Community Group).
Spelling as published, “VehicalLicenseNumber” included.
"""

import re

from plainspoken.kernels.policy.shapes import words

TERMS = tuple(
    """
Accent AccountIdentifier Acquantaince Age AgeExact AgeRange ApartmentOwned Association Attitude
Authenticating AuthenticationHistory BankAccount Behavioral Biometric BirthDate BirthPlace BloodType
BrowserFingerprint BrowserHistory BrowsingBehavior BrowsingReferral CallLog CarOwned Character Citizenship
City Communication CommunicationsMetadata Connection Contact Country CountryOfBirth Credit CreditCapacity
CreditCardNumber CreditRecord CreditScore CreditStanding CreditWorthiness Criminal CriminalCharge
CriminalConviction CriminalOffense CriminalPardon CurrentEmployment DNACode Demeanor Demographic
DeviceApplications DeviceBased DeviceOperatingSystem DeviceSoftware Dialect DigitalFingerprint Disability
DisciplinaryAction Dislike Divorce Domicile DrugTestResult Education EducationExperience
EducationQualification EmailAddress EmailAddressPersonal EmailAddressWork EmailContent EmploymentHistory
EthnicOrigin Ethnicity External FacialPrint Family FamilyHealthHistory FamilyStructure Favorite
FavoriteColor FavoriteFood FavoriteMusic Fetish Financial FinancialAccount FinancialAccountNumber
FinancialStatus Fingerprint Friend GPSCoordinate Gender GeneralReputation Genetic Geographic GroupMembership
GroupProfile HairColor Health HealthHistory HealthRecord Height Historical HouseNumber HouseOwned Household
IPAddress Identifier Identifying Income IncomeBracket IndividualHealthHistory IndividualProfile Insurance
Intention Interaction Interest Internal Job KnowledgeBelief Language LifeHistory Like LinkClicked LoanRecord
Locality Location MACAddress MaritalStatus Marriage MedicalHealth MentalHealth Name Nationality OfficialID
Offspring Opinion Ownership PINCode Parent Passport Password PastEmployment PaymentCard PaymentCardExpiry
PaymentCardNumber PerformanceAtWork PersonalDocuments PersonalPossession Personality PhilosophicalBelief
PhysicalAddress PhysicalCharacteristic PhysicalHealth PhysicalTrait Picture Piercing PlaceOfBirth
PoliticalAffiliation PoliticalOpinion PostalCode Preference Prescription PrivacyPreference Proclivity
Professional ProfessionalCertification ProfessionalEvaluation ProfessionalInterview Profile PublicLife
PubliclyAvailableSocialMedia Purchase PurchasesAndSpendingHabit Race Reference Region Relationship
Reliability Religion ReligiousBelief Residency Retina RoomNumber Salary Sale School SecretText
ServiceConsumptionBehavior Sexual SexualHistory SexualPreference Sibling SkinTone Social SocialMedia
SocialMediaCommunication SocialNetwork SocialStatus Street TVViewingBehavior Tattoo Tax TelephoneNumber
Thought Tracking TradeUnionMembership Transaction Transactional TravelHistory UID UserAgent Username
VehicalLicenseNumber VehicalLicenseRegistration Vehicle VehicleLicense VehicleUsage
VoiceCommunicationRecording VoiceMail Weight WorkEnvironment WorkHistory
""".split()  # noqa: SIM905  (a list of 200 lines would say no more)
)


def _said(term: str) -> str:
    """A term as words: “TelephoneNumber” is “telephone number”, “IPAddress” is “IP address”."""
    parts = re.findall(r"[A-Z]+(?=[A-Z][a-z])|[A-Z][a-z]+|[A-Z]+", term)
    return " ".join(part if part.isupper() else part.lower() for part in parts)


DPV_TERM = words(
    "a term of DPV-PD", {term: _said(term) for term in TERMS}, listed="https://w3id.org/dpv/2.0/pd"
)
