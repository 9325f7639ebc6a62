"""The fields of Elastic's CloudTrail index that may hold several values in one document.

Source: ECS 8.11, the fields that it calls arrays; elastic/integrations, packages/aws/data_stream/cloudtrail, whose
pipeline makes a value for each resource of an event and for each entity that it names.
"""

_NAMES = """
    event.category event.type related.entity related.hash related.hosts related.ip related.user tags
    host.ip host.mac
    aws.cloudtrail.resources.account_id aws.cloudtrail.resources.arn aws.cloudtrail.resources.type
    actor.entity.id entity.id entity.target.id host.entity.id host.target.entity.id service.entity.id
    service.target.entity.id target.entity.id user.entity.id user.target.entity.id
"""
SEVERAL = frozenset(_NAMES.split())
