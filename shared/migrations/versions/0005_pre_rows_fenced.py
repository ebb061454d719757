"""Row-level security: the kernel's rows are the service's own; what callers add to them they do not read."""

from alembic import op

from shared.rls import ACTS, ITSELF, NONE, ORGANISATION, SUBJECT, open_doors, raise_fences, take_down

revision = "kernel_0005"
down_revision = "kernel_0004"
branch_labels = None
depends_on = None

# Facts are told by whoever acts; what came in, and what could not be taken, is no caller's.
OWN = dict.fromkeys(("outbox", "inbox", "position", "dead_letter"), NONE)

# The audit is added to by all, by those who may not come in too, and read by who looks at the whole.
AUDIT = dict.fromkeys(("audit_record", "audit_seal", "audit_anchor"), NONE)
DOORS = {"outbox": ACTS, "audit_record": "true"}

# A kept answer is given again to the one it was given to: a subject or, at the doors of systems, an organisation.
FENCES = {"idempotency_key": f"caller IN ({SUBJECT}, {ORGANISATION}, 'organisation:' || {ORGANISATION})"}


def upgrade() -> None:
    raise_fences(op.execute, OWN, ITSELF)
    raise_fences(op.execute, AUDIT)
    open_doors(op.execute, DOORS)
    raise_fences(op.execute, FENCES, ITSELF)


def downgrade() -> None:
    take_down(op.execute, {**FENCES, **AUDIT, **OWN})
