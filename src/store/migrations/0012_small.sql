-- Words are forgotten with time: of replies, and of texts that no gateway took, too.
CREATE INDEX inbound_kept ON inbound (at_ms) WHERE phone <> '';
DROP INDEX messages_texts;
CREATE INDEX messages_texts ON messages (due_ms) WHERE text IS NOT NULL;

-- Variations are products of their own.
ALTER TABLE products ADD COLUMN variations TEXT NOT NULL DEFAULT '[]'; -- JSON list of ids; changes
