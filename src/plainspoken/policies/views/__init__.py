"""Pages of the policies, and of the kernel beneath: whoever shows a page needs roles and the published
policy.
"""
