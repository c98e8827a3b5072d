-- Questions in texts, and what people answer.
ALTER TABLE enrolments ADD COLUMN asked TEXT NOT NULL DEFAULT '{}'; -- JSON {step: {asked, until, answer, answered}}; grows
ALTER TABLE enrolments ADD COLUMN replied_ms INTEGER; -- changes once: when the person first wrote back

-- Where something was asked: a few of all.
CREATE INDEX enrolments_asked ON enrolments (campaign, entered_ms) WHERE asked <> '{}';
