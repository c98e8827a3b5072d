-- What waits beyond its moment, by that moment; and when a no was said last.
CREATE INDEX messages_due ON messages (due_ms) WHERE state = 'scheduled';

ALTER TABLE opt_outs ADD COLUMN again_ms INTEGER;          -- when a no was said last; NULL: only at at_ms; changes
