-- Years of history on their way into the log: gathered piece by piece, taken in as one.

CREATE TABLE import_runs (
    run             INTEGER NOT NULL PRIMARY KEY,           -- fixed
    source          TEXT NOT NULL,                          -- fixed: the shop's address, or the file's
    complete        INTEGER NOT NULL                        -- changes once, to 1: now it is taken in
) STRICT;

-- How far each kind of thing has been read; stays, so that the next run goes on from there.
CREATE TABLE import_cursors (
    source          TEXT NOT NULL,                          -- fixed
    kind            TEXT NOT NULL,                          -- fixed: customers, products, orders, reviews
    last_id         INTEGER NOT NULL,                       -- changes, the shop's
    seen            INTEGER NOT NULL,                       -- changes: so many of the shop's list lie behind
    PRIMARY KEY (source, kind)
) STRICT, WITHOUT ROWID;

-- Events that wait for the rest of their run; rows are deleted when they are in the log.
CREATE TABLE history (
    id              INTEGER NOT NULL PRIMARY KEY,           -- fixed
    run             INTEGER NOT NULL REFERENCES import_runs (run), -- fixed
    event_id        TEXT NOT NULL,                          -- fixed
    type            TEXT NOT NULL,                          -- fixed
    time_ms         INTEGER NOT NULL,                       -- fixed
    data            TEXT NOT NULL,                          -- JSON; changes: a review's writer is found, a person is erased
    mail            BLOB,                                   -- fixed, keyed hash of an address: reviews have no other name
    UNIQUE (run, event_id)
) STRICT;
CREATE INDEX history_by_time ON history (run, time_ms, id);
CREATE INDEX history_by_mail ON history (run, mail) WHERE mail IS NOT NULL;
