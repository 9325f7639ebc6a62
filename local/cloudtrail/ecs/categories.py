"""Which ECS category and types Elastic's CloudTrail pipeline gives to which call; every other call is `info`.

Source: elastic/integrations, packages/aws/data_stream/cloudtrail, the categorization step of the pipeline.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Categories:
    """`event.category` and `event.type`; empty means the field is absent."""

    category: tuple[str, ...] = ()
    type: tuple[str, ...] = ()


UNCATEGORIZED = Categories(type=("info",))

_ACTIONS: Mapping[tuple[str, str], str] = {
    ("api", ""): "Publish Converse",
    ("api", "info"): "DescribeRegions",
    ("authentication", "info"): "AssumeRole ConsoleLogin GetCallerIdentity",
    ("configuration", "change"): "Subscribe",
    ("configuration", "creation"): "CreateTopic",
    ("configuration", "deletion"): "DeleteTrail",
    ("configuration", "info"): "DescribeTrails",
    ("database", "info"): "ListTables DescribeDBInstances",
    ("file", "change"): "PutObject",
    ("file", "creation"): "CreateBucket CreateDocument",
    ("file", "delete"): "DeleteObject",
    ("file", "deletion"): "DeleteBucket",
    ("file", "info"): "ListBuckets ListObjects HeadObject GetObject",
    ("host", "info"): "DescribeInstances DescribeVolumes ListInstanceAssociations",
    ("iam", "admin change"): """
        SetDefaultPolicyVersion SetSecurityTokenServicePreferences UpdateAccountPasswordPolicy UpdateRole
    """,
    ("iam", "admin creation"): "CreateKeyPair",
    ("iam", "change"): "AttachRolePolicy",
    ("iam", "creation"): "CreatePolicy",
    ("iam", "group change"): """
        AddUserToGroup AttachGroupPolicy DeleteGroupPolicy DetachGroupPolicy PutGroupPolicy
        RemoveUserFromGroup UpdateGroup
    """,
    ("iam", "group creation"): "CreateGroup",
    ("iam", "group deletion"): "DeleteGroup",
    ("iam", "group info"): """
        GetGroup GetGroupPolicy ListAttachedGroupPolicies ListGroupPolicies ListGroups ListGroupsForUser
    """,
    ("iam", "info"): "ListRoles GetPolicy ListAttachedRolePolicies",
    ("iam", "user change"): """
        AttachUserPolicy ChangePassword CreateAccessKey CreateVirtualMFADevice DeactivateMFADevice
        DeleteAccessKey DeleteSSHPublicKey DeleteUserPermissionsBoundary DeleteUserPolicy
        DeleteVirtualMFADevice DetachUserPolicy EnableMFADevice PutUserPermissionsBoundary PutUserPolicy
        TagUser UntagUser UpdateAccessKey UpdateLoginProfile UpdateSSHPublicKey UpdateUser
    """,
    ("iam", "user creation"): "CreateUser",
    ("iam", "user deletion"): "DeleteUser",
    ("iam", "user info"): """
        GetUser GetUserPolicy ListAttachedUserPolicies ListUserPolicies ListUsers ListUserTags
    """,
    ("network", "access"): "AuthorizeSecurityGroupIngress",
    ("network", "info"): """
        DescribeSecurityGroups DescribeNetworkInterfaces DescribeVpcs DescribeNetworkAcls
        DescribeLoadBalancers
    """,
    ("package", "info"): "ListFunctions",
    ("process", ""): "SendCommand",
    ("session", "end"): "TerminateSession",
    ("session", "start"): """
        StartSession CreateControlChannel OpenControlChannel CreateDataChannel OpenDataChannel
    """,
}

CATEGORIES: Mapping[str, Categories] = MappingProxyType(
    {
        action: Categories(category=(category,), type=tuple(types.split()))
        for (category, types), actions in _ACTIONS.items()
        for action in actions.split()
    }
)
