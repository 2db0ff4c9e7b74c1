//! Every probe that there is, in one place.
//!
//! No probe of keys, users, passing, attaching, policies, boundaries, trust, tags or settings of an
//! account, and none whose answer would hold data or a secret. Which operations of EC2 have
//! `DryRun` is from the API's model.

use super::{Evidence, Kind, Row, SUCCESS, Shape};

/// Amazon EC2 API Reference, the parameter `DryRun` of each operation: "If you have the required
/// permissions, the error response is `DryRunOperation`. Otherwise, it is `UnauthorizedOperation`."
const DRY_RUN: Evidence =
    Evidence::Documented("Amazon EC2 API Reference, the parameter DryRun of the operation");

/// Nobody says whether EC2 looks for what a request names before or after it authorises it.
const SOME_ORDER: Evidence = Evidence::Assumed;

/// A list that came, or did not: the action itself was carried out, so no order matters (AWS General
/// Reference, "Common errors": `AccessDenied`, "You do not have sufficient access").
const CARRIED_OUT: Evidence = Evidence::Documented("the operation itself, carried out");

const DENIED: &[&str] = &[
    "UnauthorizedOperation",
    "AccessDenied",
    "AccessDeniedException",
];

const EC2: &str = "2016-11-15";
const IAM: &str = "2010-05-08";

type Parameters = &'static [(&'static str, &'static str)];

const fn dry_run(
    action: &'static str,
    parameters: Parameters,
    is_read: bool,
    tags: Option<&'static str>,
    evidence: Evidence,
) -> Row {
    Row {
        action,
        kind: Kind::DryRun,
        is_read,
        shape: Shape::Form {
            version: EC2,
            parameters,
        },
        tags,
        allowed: &["DryRunOperation"],
        denied: DENIED,
        evidence,
    }
}

/// A read of EC2 that needs nothing that exists.
const fn look(action: &'static str, parameters: Parameters) -> Row {
    dry_run(action, parameters, true, None, DRY_RUN)
}

/// A write of EC2 that needs nothing that exists.
const fn make(action: &'static str, parameters: Parameters, tags: &'static str) -> Row {
    dry_run(action, parameters, false, Some(tags), DRY_RUN)
}

/// A read of EC2 about something that cannot exist.
const fn look_at(action: &'static str, parameters: Parameters) -> Row {
    dry_run(action, parameters, true, None, SOME_ORDER)
}

/// A write of EC2 about something that cannot exist.
const fn change(action: &'static str, parameters: Parameters) -> Row {
    dry_run(action, parameters, false, None, SOME_ORDER)
}

/// A write of EC2 that makes something with tags in something that cannot exist.
const fn make_in(action: &'static str, parameters: Parameters, tags: &'static str) -> Row {
    dry_run(action, parameters, false, Some(tags), SOME_ORDER)
}

const fn list(action: &'static str, shape: Shape) -> Row {
    Row {
        action,
        kind: Kind::List,
        is_read: true,
        shape,
        tags: None,
        allowed: &[SUCCESS],
        denied: DENIED,
        evidence: CARRIED_OUT,
    }
}

const fn form(version: &'static str, parameters: Parameters) -> Shape {
    Shape::Form {
        version,
        parameters,
    }
}

const fn json(target: &'static str, body: &'static str) -> Shape {
    Shape::Json { target, body }
}

const fn get(path: &'static str) -> Shape {
    Shape::Rest {
        method: "GET",
        path,
        body: "",
    }
}

/// A read, delete or create that ends where what it names is not found.
const fn missing(
    action: &'static str,
    kind: Kind,
    shape: Shape,
    allowed: &'static [&'static str],
) -> Row {
    Row {
        action,
        kind,
        is_read: matches!(kind, Kind::Read),
        shape,
        tags: None,
        allowed,
        denied: DENIED,
        evidence: Evidence::Assumed,
    }
}

/// What a read of IAM says of a name: it is there, or it is not.
const IAM_READ: &[&str] = &[SUCCESS, "NoSuchEntity"];
/// What a read of EKS says of a name.
const EKS_READ: &[&str] = &[SUCCESS, "ResourceNotFoundException"];

/// Every row, by service.
pub(super) const ROWS: &[Row] = &[
    // EC2: reads, all of which are authorised for no resource in particular.
    look("ec2:DescribeAccountAttributes", &[]),
    look("ec2:DescribeAddresses", &[]),
    look("ec2:DescribeAddressesAttribute", &[]),
    look("ec2:DescribeAvailabilityZones", &[]),
    look("ec2:DescribeCapacityReservations", &[]),
    look("ec2:DescribeDhcpOptions", &[]),
    look("ec2:DescribeImages", &[("Owner.1", "self")]),
    look("ec2:DescribeInstanceStatus", &[]),
    look("ec2:DescribeInstanceTopology", &[]),
    look("ec2:DescribeInstanceTypeOfferings", &[]),
    look("ec2:DescribeInstanceTypes", &[]),
    look("ec2:DescribeInstances", &[]),
    look("ec2:DescribeInternetGateways", &[]),
    look(
        "ec2:DescribeLaunchTemplateVersions",
        &[("LaunchTemplateVersion.1", "$Latest")],
    ),
    look("ec2:DescribeLaunchTemplates", &[]),
    look("ec2:DescribeNatGateways", &[]),
    look("ec2:DescribeNetworkAcls", &[]),
    look("ec2:DescribeNetworkInterfaces", &[]),
    look("ec2:DescribePlacementGroups", &[]),
    look("ec2:DescribePrefixLists", &[]),
    look("ec2:DescribeRegions", &[]),
    look("ec2:DescribeRouteTables", &[]),
    look("ec2:DescribeSecurityGroupRules", &[]),
    look("ec2:DescribeSecurityGroups", &[]),
    look("ec2:DescribeSnapshots", &[("Owner.1", "self")]),
    look("ec2:DescribeSpotPriceHistory", &[]),
    look("ec2:DescribeSubnets", &[]),
    look("ec2:DescribeTags", &[]),
    look("ec2:DescribeVolumes", &[]),
    look("ec2:DescribeVolumesModifications", &[]),
    look("ec2:DescribeVpcEndpointConnections", &[]),
    look("ec2:DescribeVpcEndpointServiceConfigurations", &[]),
    look("ec2:DescribeVpcEndpoints", &[]),
    look("ec2:DescribeVpcPeeringConnections", &[]),
    look("ec2:DescribeVpcs", &[]),
    look(
        "ec2:GetInstanceTypesFromInstanceRequirements",
        &[
            ("ArchitectureType.1", "x86_64"),
            ("VirtualizationType.1", "hvm"),
            ("InstanceRequirements.VCpuCount.Min", "1"),
            ("InstanceRequirements.MemoryMiB.Min", "1024"),
        ],
    ),
    // EC2: writes that need nothing that exists.
    make("ec2:AllocateAddress", &[("Domain", "vpc")], "elastic-ip"),
    make("ec2:CreateInternetGateway", &[], "internet-gateway"),
    make(
        "ec2:CreateLaunchTemplate",
        &[
            ("LaunchTemplateName", "{name}"),
            ("LaunchTemplateData.InstanceType", "t3.micro"),
        ],
        "launch-template",
    ),
    make("ec2:CreateVpc", &[("CidrBlock", "10.0.0.0/16")], "vpc"),
    // EC2: what needs things that exist. The ids are random.
    look_at(
        "ec2:DescribeVpcAttribute",
        &[("VpcId", "vpc-{id}"), ("Attribute", "enableDnsSupport")],
    ),
    look_at("ec2:GetSecurityGroupsForVpc", &[("VpcId", "vpc-{id}")]),
    make_in(
        "ec2:CreateNatGateway",
        &[
            ("SubnetId", "subnet-{id}"),
            ("AllocationId", "eipalloc-{id}"),
        ],
        "natgateway",
    ),
    make_in(
        "ec2:CreateNetworkInterface",
        &[("SubnetId", "subnet-{id}")],
        "network-interface",
    ),
    make_in(
        "ec2:CreateRouteTable",
        &[("VpcId", "vpc-{id}")],
        "route-table",
    ),
    make_in(
        "ec2:CreateSecurityGroup",
        &[
            ("GroupName", "{name}"),
            ("GroupDescription", "a dry run"),
            ("VpcId", "vpc-{id}"),
        ],
        "security-group",
    ),
    make_in(
        "ec2:CreateSnapshot",
        &[("VolumeId", "vol-{id}")],
        "snapshot",
    ),
    make_in(
        "ec2:CreateSubnet",
        &[("VpcId", "vpc-{id}"), ("CidrBlock", "10.0.0.0/24")],
        "subnet",
    ),
    make_in(
        "ec2:CreateVpcEndpoint",
        &[
            ("VpcId", "vpc-{id}"),
            ("ServiceName", "com.amazonaws.{region}.s3"),
        ],
        "vpc-endpoint",
    ),
    make_in(
        "ec2:RunInstances",
        &[
            ("ImageId", "ami-{id}"),
            ("InstanceType", "t3.micro"),
            ("MinCount", "1"),
            ("MaxCount", "1"),
        ],
        "instance",
    ),
    look_at(
        "ec2:DescribeVpcEndpointServicePermissions",
        &[("ServiceId", "vpce-svc-{id}")],
    ),
    make_in(
        "ec2:CreateVolume",
        &[
            ("AvailabilityZone", "{region}a"),
            ("Size", "1"),
            ("VolumeType", "gp3"),
        ],
        "volume",
    ),
    make_in(
        "ec2:CreateVpcPeeringConnection",
        &[("VpcId", "vpc-{id}"), ("PeerVpcId", "vpc-{id}")],
        "vpc-peering-connection",
    ),
    change(
        "ec2:AcceptVpcPeeringConnection",
        &[("VpcPeeringConnectionId", "pcx-{id}")],
    ),
    change(
        "ec2:CreateLaunchTemplateVersion",
        &[
            ("LaunchTemplateName", "{name}"),
            ("LaunchTemplateData.InstanceType", "t3.micro"),
        ],
    ),
    change(
        "ec2:DeleteVpcPeeringConnection",
        &[("VpcPeeringConnectionId", "pcx-{id}")],
    ),
    change(
        "ec2:ModifyLaunchTemplate",
        &[("LaunchTemplateName", "{name}"), ("SetDefaultVersion", "1")],
    ),
    change(
        "ec2:ModifyVolume",
        &[("VolumeId", "vol-{id}"), ("Size", "2")],
    ),
    change(
        "ec2:ReplaceRoute",
        &[
            ("RouteTableId", "rtb-{id}"),
            ("DestinationCidrBlock", "10.1.0.0/16"),
            ("GatewayId", "igw-{id}"),
        ],
    ),
    change(
        "ec2:RevokeSecurityGroupEgress",
        &[
            ("GroupId", "sg-{id}"),
            ("IpPermissions.1.IpProtocol", "tcp"),
            ("IpPermissions.1.FromPort", "443"),
            ("IpPermissions.1.ToPort", "443"),
            ("IpPermissions.1.IpRanges.1.CidrIp", "10.0.0.0/16"),
        ],
    ),
    change(
        "ec2:RevokeSecurityGroupIngress",
        &[
            ("GroupId", "sg-{id}"),
            ("IpPermissions.1.IpProtocol", "tcp"),
            ("IpPermissions.1.FromPort", "443"),
            ("IpPermissions.1.ToPort", "443"),
            ("IpPermissions.1.IpRanges.1.CidrIp", "10.0.0.0/16"),
        ],
    ),
    change(
        "ec2:AssociateRouteTable",
        &[("RouteTableId", "rtb-{id}"), ("SubnetId", "subnet-{id}")],
    ),
    change(
        "ec2:AuthorizeSecurityGroupEgress",
        &[
            ("GroupId", "sg-{id}"),
            ("IpPermissions.1.IpProtocol", "tcp"),
            ("IpPermissions.1.FromPort", "443"),
            ("IpPermissions.1.ToPort", "443"),
            ("IpPermissions.1.IpRanges.1.CidrIp", "10.0.0.0/16"),
        ],
    ),
    change(
        "ec2:AuthorizeSecurityGroupIngress",
        &[
            ("GroupId", "sg-{id}"),
            ("IpPermissions.1.IpProtocol", "tcp"),
            ("IpPermissions.1.FromPort", "443"),
            ("IpPermissions.1.ToPort", "443"),
            ("IpPermissions.1.IpRanges.1.CidrIp", "10.0.0.0/16"),
        ],
    ),
    change(
        "ec2:CreateRoute",
        &[
            ("RouteTableId", "rtb-{id}"),
            ("DestinationCidrBlock", "10.1.0.0/16"),
            ("GatewayId", "igw-{id}"),
        ],
    ),
    change(
        "ec2:DeleteInternetGateway",
        &[("InternetGatewayId", "igw-{id}")],
    ),
    change(
        "ec2:DeleteLaunchTemplate",
        &[("LaunchTemplateName", "{name}")],
    ),
    change("ec2:DeleteNatGateway", &[("NatGatewayId", "nat-{id}")]),
    change(
        "ec2:DeleteNetworkInterface",
        &[("NetworkInterfaceId", "eni-{id}")],
    ),
    change(
        "ec2:DeleteRoute",
        &[
            ("RouteTableId", "rtb-{id}"),
            ("DestinationCidrBlock", "10.1.0.0/16"),
        ],
    ),
    change("ec2:DeleteRouteTable", &[("RouteTableId", "rtb-{id}")]),
    change("ec2:DeleteSecurityGroup", &[("GroupId", "sg-{id}")]),
    change("ec2:DeleteSnapshot", &[("SnapshotId", "snap-{id}")]),
    change("ec2:DeleteSubnet", &[("SubnetId", "subnet-{id}")]),
    change("ec2:DeleteVolume", &[("VolumeId", "vol-{id}")]),
    change("ec2:DeleteVpc", &[("VpcId", "vpc-{id}")]),
    change(
        "ec2:DeleteVpcEndpoints",
        &[("VpcEndpointId.1", "vpce-{id}")],
    ),
    change(
        "ec2:DisassociateAddress",
        &[("AssociationId", "eipassoc-{id}")],
    ),
    change(
        "ec2:DisassociateRouteTable",
        &[("AssociationId", "rtbassoc-{id}")],
    ),
    change("ec2:ReleaseAddress", &[("AllocationId", "eipalloc-{id}")]),
    change("ec2:TerminateInstances", &[("InstanceId.1", "i-{id}")]),
    // Lists, carried out, of one element at most.
    list(
        "acm:ListCertificates",
        json("CertificateManager", r#"{"MaxItems":1}"#),
    ),
    list(
        "autoscaling:DescribeAutoScalingGroups",
        form("2011-01-01", &[("MaxRecords", "1")]),
    ),
    list(
        "autoscaling:DescribeAutoScalingInstances",
        form("2011-01-01", &[("MaxRecords", "1")]),
    ),
    list(
        "autoscaling:DescribeLaunchConfigurations",
        form("2011-01-01", &[("MaxRecords", "1")]),
    ),
    list(
        "eks:DescribeAddonVersions",
        get("/addons/supported-versions?maxResults=1"),
    ),
    list("eks:ListClusters", get("/clusters?maxResults=1")),
    list(
        "elasticloadbalancing:DescribeLoadBalancers",
        form("2015-12-01", &[("PageSize", "1")]),
    ),
    list(
        "elasticloadbalancing:DescribeSSLPolicies",
        form("2015-12-01", &[("PageSize", "1")]),
    ),
    list(
        "elasticloadbalancing:DescribeTargetGroups",
        form("2015-12-01", &[("PageSize", "1")]),
    ),
    list(
        "ssm:DescribeInstanceInformation",
        json("AmazonSSM", r#"{"MaxResults":5}"#),
    ),
    list(
        "route53:ListHostedZones",
        get("/2013-04-01/hostedzone?maxitems=1"),
    ),
    list(
        "route53:ListHostedZonesByName",
        get("/2013-04-01/hostedzonesbyname?maxitems=1"),
    ),
    list(
        "servicequotas:GetServiceQuota",
        json(
            "ServiceQuotasV20190624",
            r#"{"ServiceCode":"vpc","QuotaCode":"L-F678F1CE"}"#,
        ),
    ),
    // Reads of what the requirement names, which need not exist.
    missing(
        "eks:DescribeAddon",
        Kind::Read,
        get("/clusters/{1}/addons/{2}"),
        EKS_READ,
    ),
    missing(
        "eks:DescribeCluster",
        Kind::Read,
        get("/clusters/{1}"),
        EKS_READ,
    ),
    missing(
        "eks:DescribeNodegroup",
        Kind::Read,
        get("/clusters/{1}/node-groups/{2}"),
        EKS_READ,
    ),
    missing(
        "eks:ListAddons",
        Kind::Read,
        get("/clusters/{1}/addons?maxResults=1"),
        EKS_READ,
    ),
    missing(
        "eks:ListNodegroups",
        Kind::Read,
        get("/clusters/{1}/node-groups?maxResults=1"),
        EKS_READ,
    ),
    missing(
        "iam:GetInstanceProfile",
        Kind::Read,
        form(IAM, &[("InstanceProfileName", "{last}")]),
        IAM_READ,
    ),
    missing(
        "iam:GetRole",
        Kind::Read,
        form(IAM, &[("RoleName", "{last}")]),
        IAM_READ,
    ),
    missing(
        "iam:ListInstanceProfilesForRole",
        Kind::Read,
        form(IAM, &[("RoleName", "{last}"), ("MaxItems", "1")]),
        IAM_READ,
    ),
    // Deletes by an exact name that nobody can have given, in the vendor's own prefix.
    missing(
        "eks:DeleteCluster",
        Kind::Delete,
        Shape::Rest {
            method: "DELETE",
            path: "/clusters/{name}",
            body: "",
        },
        &["ResourceNotFoundException"],
    ),
    missing(
        "iam:DeleteInstanceProfile",
        Kind::Delete,
        form(IAM, &[("InstanceProfileName", "{name}")]),
        &["NoSuchEntity"],
    ),
    missing(
        "iam:DeleteRole",
        Kind::Delete,
        form(IAM, &[("RoleName", "{name}")]),
        &["NoSuchEntity"],
    ),
    // Creates in a parent that cannot exist.
    missing(
        "eks:CreateAddon",
        Kind::Create,
        Shape::Rest {
            method: "POST",
            path: "/clusters/{name}/addons",
            body: r#"{"addonName":"vpc-cni"}"#,
        },
        &["ResourceNotFoundException"],
    ),
];
