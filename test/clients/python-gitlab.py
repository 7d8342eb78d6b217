"""Uses the Bulk Imports API through python-gitlab as it is, and prints what it saw: one JSON object, the last line."""

import json
import sys
import time

import gitlab

settings = json.load(sys.stdin)
gl = gitlab.Gitlab(settings["url"], private_token=settings["token"])


def as_bearer():
    """The same token, as an OAuth client sends it."""
    return gitlab.Gitlab(settings["url"], oauth_token=settings["token"])


def wanted(slug, **changes):
    """What a POST says: acme of the source goes to imported/<slug>."""
    entity = {
        "source_type": "group_entity",
        "source_full_path": "acme",
        "destination_slug": slug,
        "destination_namespace": "imported",
    }
    return {
        "configuration": {"url": settings["source_url"], "access_token": settings["source_token"]},
        "entities": [{**entity, **changes}],
    }


def until_ended(migration):
    """Refreshes the same object until the import has ended; the statuses that it went through."""
    seen = [migration.status]
    deadline = time.monotonic() + 30
    while migration.status in ("created", "started"):
        if time.monotonic() > deadline:
            raise TimeoutError(f"import {migration.id} is still {migration.status}")
        time.sleep(0.05)
        migration.refresh()
        if migration.status != seen[-1]:
            seen.append(migration.status)
    return seen


def error_of(act):
    """The error that python-gitlab raises."""
    try:
        act()
    except gitlab.exceptions.GitlabError as error:
        return {"kind": type(error).__name__, "status": error.response_code, "message": error.error_message}
    return None


def page_of(items):
    """What the headers of a page say, before the next one is asked for."""
    return {
        "page": items.current_page,
        "next": items.next_page,
        "per_page": items.per_page,
        "total": items.total,
        "total_pages": items.total_pages,
    }


created = gl.bulk_imports.create(wanted("first"))
at_creation = dict(created.attributes)
statuses = until_ended(created)
entities = created.entities.list(get_all=True)
root = created.entities.get(entities[0].id)
root_at_start = dict(root.attributes)
root.refresh()

others = []
for number in range(2, 6):
    other = gl.bulk_imports.create(wanted(f"number-{number}", source_full_path="acme/empty"))
    until_ended(other)
    others.append(other.id)
canceled = gl.http_post(f"/bulk_imports/{others[-1]}/cancel")

stranger = gitlab.Gitlab(settings["url"], private_token=settings["other_token"])
unknown = gitlab.Gitlab(settings["url"], private_token="sample-unknown-token")
revoked = gitlab.Gitlab(settings["url"], private_token=settings["revoked_token"])
read_only = gitlab.Gitlab(settings["url"], private_token=settings["read_api_token"])

seen = {
    "version": gitlab.__version__,
    "at_creation": at_creation,
    "statuses": statuses,
    "after_refresh": created.attributes,
    "got": gl.bulk_imports.get(created.id).attributes,
    "got_as_bearer": as_bearer().bulk_imports.get(created.id).attributes,
    "entities": [entity.attributes for entity in entities],
    "root": root_at_start,
    "root_after_refresh": root.attributes,
    "failures": gl.http_list(f"/bulk_imports/{created.id}/entities/{root.id}/failures", get_all=True),
    "others": others,
    "canceled": canceled,
    "first_page": page_of(gl.bulk_imports.list(iterator=True, per_page=2)),
    "iterated": [item.id for item in gl.bulk_imports.list(iterator=True, per_page=2)],
    "ascending": [item.id for item in gl.bulk_imports.list(get_all=True, sort="asc", per_page=2)],
    "only_canceled": [item.id for item in gl.bulk_imports.list(get_all=True, status="canceled")],
    "all_entities": [
        [item.bulk_import_id, item.status]
        for item in gl.bulk_import_entities.list(iterator=True, per_page=2, sort="asc")
    ],
    "finished_entities": len(gl.bulk_import_entities.list(get_all=True, status="finished")),
    "of_somebody_else": [item.id for item in stranger.bulk_imports.list(get_all=True)],
    "read_only": [item.id for item in read_only.bulk_imports.list(get_all=True, sort="asc")],
    "errors": {
        "unknown token": error_of(lambda: unknown.bulk_imports.list(get_all=True)),
        "revoked token": error_of(lambda: revoked.bulk_imports.list(get_all=True)),
        "read_api token": error_of(lambda: read_only.bulk_imports.create(wanted("denied"))),
        "path that is taken": error_of(lambda: gl.bulk_imports.create(wanted("first"))),
        "namespace without a right": error_of(lambda: stranger.bulk_imports.create(wanted("denied"))),
        "field that is missing": error_of(
            lambda: gl.bulk_imports.create({"configuration": wanted("x")["configuration"], "entities": [{}]})
        ),
        "import of somebody else": error_of(lambda: stranger.bulk_imports.get(created.id)),
        "status that does not exist": error_of(lambda: gl.bulk_imports.list(get_all=True, status="done")),
    },
}
print(json.dumps(seen))
