-- Steps that wait for the step before them, that branch, that have several texts; and people of whom it is seen what they
-- do without any.
ALTER TABLE enrolments ADD COLUMN left_ms INTEGER; -- changes: when the last step was left
ALTER TABLE enrolments ADD COLUMN texts_until_ms INTEGER; -- changes: until when a text of its may still wait
ALTER TABLE enrolments ADD COLUMN arms TEXT NOT NULL DEFAULT '{}'; -- JSON {step: arm}; grows
ALTER TABLE enrolments ADD COLUMN held_out INTEGER NOT NULL DEFAULT 0; -- changes once, when entered: 0 or 1, walks without a text
ALTER TABLE messages ADD COLUMN arm TEXT; -- fixed: which of the step's texts

UPDATE enrolments SET texts_until_ms = (SELECT max(expires_ms) FROM messages m WHERE m.enrolment_id = enrolments.id)
WHERE state = 'active';
-- Where arms were drawn, and who was held out: a few of all.
CREATE INDEX enrolments_drawn ON enrolments (campaign, entered_ms, id) WHERE arms <> '{}';
CREATE INDEX enrolments_held_out ON enrolments (campaign, entered_ms) WHERE held_out = 1;

-- What came of the arms of steps that learn, as it was counted last.
CREATE TABLE arm_counts (
    campaign        TEXT NOT NULL,                          -- fixed
    step            TEXT NOT NULL,                          -- fixed
    counted_ms      INTEGER NOT NULL,                       -- changes
    counts          TEXT NOT NULL,                          -- JSON {arm: {tries, wins}}; changes
    PRIMARY KEY (campaign, step)
) STRICT, WITHOUT ROWID;
