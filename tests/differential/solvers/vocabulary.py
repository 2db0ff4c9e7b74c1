"""The names, patterns and values that generated policies are made of.

The pools are small on purpose: parts have to meet to make a difference. All texts are ASCII, and
some are malformed.
"""

ACTIONS = [
    "s3:GetObject",
    "s3:PutObject",
    "s3:GetObjectTagging",
    "s3:ListBucket",
    "ec2:RunInstances",
]
ACTION_PATTERNS = [
    "s3:Get*",
    "s3:*",
    "s3:GetObject*",
    "s3:GetObjec?",
    "S3:getobject",
    "s3:?*",
    "*",
    "ec2:*",
    "s3:*Object",
    "s3:*t*",
]
RESOURCES = [
    "arn:aws:s3:::b/k",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/a*",
    "arn:aws:s3:::b/?",
    "arn:aws:s3:::b/??*",
    "arn:aws:s3:::b/",
    "arn:aws:s3:::b",
    "arn:aws:s3:::*",
    "arn:aws:s3:::b*",
    "arn:aws:s3:::b/*a*",
    "arn:aws:s3:::b/*/c",
    "arn:aws:*:::b/*",
    "arn:aws:s3*",
    "arn:aws:ec2:*:111122223333:instance/*",
    "arn:aws:ec2:us-*:111122223333:instance/i",
    "arn:aws:ec2:us-east-?:*:instance/*",
    "arn:aws:ec2:*",
    "arn:*:s3:::b/*",
    "arn:aws:s3",
    "*",
    "*",
]

STRINGS = ["a", "b", "ab", "A", "aB", "k", "", "a:b", "a/b", "true", "dev", "prod"]
PATTERNS = ["a*", "*", "?*", "*b", "a?", "?", "*a*", "a*b", "??", "dev*", "a/*", "*/b", "p*d", ""]
NUMBERS = ["0", "1", "5", "10", "10.0", "5.5", "-1", "100", "1e1", "07", "+5", "x"]
DATES = [
    "2030-01-01",
    "2030-01-01T00:00:00Z",
    "1893456000",
    "2031-06-15T12:00:00+02:00",
    "2029-12-31T23:59:59.999Z",
    "2035-01-01",
    "soon",
]
NETWORKS = [
    "10.0.0.0/8",
    "10.0.0.0/9",
    "10.128.0.0/9",
    "10.1.2.3",
    "10.1.2.3/24",
    "192.0.2.0/24",
    "0.0.0.0/0",
    "0.0.0.0/1",
    "128.0.0.0/1",
    "2001:db8::/32",
    "2001:db8::/33",
    "2001:db8:8000::/33",
    "2001:db8::5/64",
    "::/0",
    "::ffff:10.0.0.0/104",
    "010.0.0.0/08",
    "nowhere",
]
ARNS = [
    "arn:aws:iam::111122223333:role/a",
    "arn:aws:iam::111122223333:role/*",
    "arn:aws:iam::111122223333:*",
    "arn:aws:iam::*:role/a*",
    "arn:aws:iam::1111*:role/?",
    "arn:*:iam::111122223333:role/*",
    "arn:aws:*:*:*:*",
    "arn:aws:sns:us-*-1:111122223333:t",
    "arn:aws:sns:*:111122223333:t:*",
    "arn:*",
    "*",
    "role/a",
]
TRUTHS = ["true", "false", "True", "FALSE", "yes", ""]
BINARY = ["YQ==", "YWI=", "YR==", "?"]

# Keys by the type of their values, as the catalog declares them.
KEYS = {
    "string": [
        "aws:PrincipalTag/team",
        "aws:RequestTag/team",
        "aws:username",
        "s3:prefix",
        "aws:userid",
        "made:Up",
    ],
    "strings": ["aws:TagKeys", "aws:CalledVia", "aws:PrincipalOrgPaths", "dynamodb:LeadingKeys"],
    "number": ["aws:MultiFactorAuthAge", "s3:max-keys"],
    "date": ["aws:CurrentTime", "aws:TokenIssueTime"],
    "address": ["aws:SourceIp", "aws:VpcSourceIp"],
    "bool": ["aws:SecureTransport", "aws:MultiFactorAuthPresent"],
    "arn": ["aws:PrincipalArn", "aws:SourceArn"],
}
STRING_OPERATORS = [
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
]
ARN_OPERATORS = ["ArnLike", "ArnEquals", "ArnNotLike", "ArnNotEquals"]
_COMPARISONS = [
    "Equals",
    "NotEquals",
    "LessThan",
    "LessThanEquals",
    "GreaterThan",
    "GreaterThanEquals",
]
OPERATORS = {
    "string": STRING_OPERATORS,
    "strings": STRING_OPERATORS,
    "number": ["Numeric" + it for it in _COMPARISONS],
    "date": ["Date" + it for it in _COMPARISONS],
    "address": ["IpAddress", "NotIpAddress"],
    "bool": ["Bool"],
    "arn": [*ARN_OPERATORS, *ARN_OPERATORS, "StringLike", "StringNotEquals", "StringEquals"],
}
VARIABLES = [
    "aws:username",
    "aws:PrincipalTag/team",
    "aws:PrincipalTag/team",
    "aws:userid",
    "AWS:UserName",
]

# What together is the same as one.
NARROWINGS = {
    "IpAddress": [
        ("10.0.0.0/8", ["10.0.0.0/9", "10.128.0.0/9"]),
        ("10.1.0.0/16", ["10.1.0.0/17", "10.1.128.0/18", "10.1.192.0/18"]),
    ],
}
RESOURCE_COVERS = [
    ("arn:aws:s3:::b/*", ["arn:aws:s3:::b/", "arn:aws:s3:::b/?", "arn:aws:s3:::b/??*"]),
    ("arn:aws:s3:::b/*", ["arn:aws:s3:::b/", "arn:aws:s3:::b/?*"]),
    ("arn:aws:s3:::b*", ["arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:s3:::b?*"]),
    ("arn:aws:s3:::b/?*", ["arn:aws:s3:::b/*?"]),
    ("arn:aws:s3:::b/*a*", ["arn:aws:s3:::b/a*", "arn:aws:s3:::b/?*a*"]),
    ("arn:aws:s3:::b/?", ["arn:aws:s3:::b/?*"]),
]
ACTION_COVERS = [
    ("s3:Get*", ["s3:Get", "s3:Get?", "s3:Get??*"]),
    ("s3:*", ["s3:?*"]),
    ("s3:Get?*", ["s3:Get*?"]),
    ("s3:*Object*", ["s3:Object*", "s3:?*Object*"]),
    ("s3:Get*", ["s3:GetObject*", "s3:Get?bject*", "s3:Get*"]),
]
