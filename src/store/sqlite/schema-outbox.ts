/** Step 10: what is to be delivered to FHIR servers, and what is known of the copies there. Pseudonymous ids only. */
export const OUTBOX_TABLES = `
CREATE TABLE study_outbox (
  target TEXT NOT NULL,
  type TEXT NOT NULL,
  id TEXT NOT NULL,
  subject TEXT NOT NULL,
  version INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'claimed', 'done', 'failed')),
  attempts INTEGER NOT NULL,
  not_before TEXT NOT NULL,
  code TEXT,
  changes INTEGER NOT NULL,
  claim TEXT CHECK ((claim IS NULL) = (state <> 'claimed')),
  remote TEXT,
  hash TEXT,
  loose INTEGER NOT NULL CHECK (loose IN (0, 1)),
  again_at TEXT,
  released_at TEXT,
  PRIMARY KEY (target, type, id)
) STRICT;
CREATE INDEX study_outbox_next ON study_outbox (target, not_before, subject) WHERE state = 'waiting';
CREATE INDEX study_outbox_subject ON study_outbox (target, subject, state);
CREATE INDEX study_outbox_again ON study_outbox (target, again_at) WHERE again_at IS NOT NULL;
CREATE INDEX study_outbox_claim ON study_outbox (claim) WHERE claim IS NOT NULL;
CREATE INDEX study_outbox_released ON study_outbox (subject) WHERE released_at IS NOT NULL;
CREATE INDEX study_outbox_state ON study_outbox (state);
`;
