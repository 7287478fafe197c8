def test_house(house, staff):
    m, c = staff("privacy_officer")
    from plainspoken.policies import queries
    assert queries.version_in_force(organisation=house.id).number == 1
