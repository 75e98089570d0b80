-- The database of one generation. Written once by kbase.build, then read-only; openable with any SQLite tool.

CREATE TABLE stamp (            -- schema, parsers, code, content, index
    key     TEXT PRIMARY KEY,
    value   TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE source (           -- what the user gave, in the order it was first given
    id       INTEGER PRIMARY KEY,
    argument TEXT NOT NULL,     -- as written; 'bundled' for the bundled corpus
    location TEXT NOT NULL,     -- absolute path
    version  TEXT,              -- where one was given
    tags     TEXT,              -- pattern of tags, of a git repository
    refs     TEXT,              -- pattern of branches and tags, of a git repository
    seal     TEXT               -- what tells that it holds what it held, where less than reading it does
);

CREATE TABLE git_blob (         -- what git calls the documents of repositories, so that none is read again
    name    TEXT PRIMARY KEY,   -- git's hash, hex
    blob    TEXT                -- NULL: no text, passed over
) WITHOUT ROWID;

CREATE TABLE blob (             -- the bytes of documents, zlib
    hash    TEXT PRIMARY KEY,   -- SHA-256, hex
    data    BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE reading (          -- a blob as parsed under a name: once, however many versions carry it
    id        INTEGER PRIMARY KEY,
    blob      TEXT NOT NULL REFERENCES blob,
    name      TEXT NOT NULL,    -- what the parsers saw: path in the tree, or file name
    kind      TEXT NOT NULL,
    format    TEXT NOT NULL,
    title     TEXT NOT NULL,
    page_of   TEXT,
    UNIQUE (blob, name)
);

CREATE TABLE record (
    reading INTEGER NOT NULL REFERENCES reading,
    seq     INTEGER NOT NULL,   -- the document's order
    kind    TEXT NOT NULL,      -- the class in kbase.records
    struct  TEXT,               -- ops table, where the record is about one
    name    TEXT,               -- op, function, flag, ...
    first   INTEGER NOT NULL,   -- evidence: first and last line
    last    INTEGER NOT NULL,
    body    TEXT NOT NULL,      -- JSON, see kbase.codec
    PRIMARY KEY (reading, seq)
);

CREATE TABLE lock (             -- which records speak about which lock
    subject TEXT NOT NULL,      -- canonical: i_rwsem
    reading INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    PRIMARY KEY (subject, reading, seq)
) WITHOUT ROWID;

CREATE TABLE document (
    version      TEXT NOT NULL, -- canonical label; '' where a document needs none
    path         TEXT NOT NULL,
    source       INTEGER NOT NULL REFERENCES source,
    reading      INTEGER NOT NULL REFERENCES reading,
    label_origin TEXT NOT NULL,
    bundled      INTEGER NOT NULL,
    origin       TEXT,
    stands       INTEGER NOT NULL, -- 0: another source's document stands in its place
    PRIMARY KEY (version, path, source)
) WITHOUT ROWID;
CREATE INDEX document_by_reading ON document (reading, version) WHERE stands;

CREATE TABLE version (
    label        TEXT PRIMARY KEY,
    label_origin TEXT NOT NULL,
    counts       TEXT NOT NULL  -- JSON: {"tables": 21, "ops": 180, ...}
) WITHOUT ROWID;

CREATE TABLE warning (          -- what is to be said against a version: a label that its content contradicts
    version TEXT NOT NULL,
    text    TEXT NOT NULL,
    PRIMARY KEY (version, text)
) WITHOUT ROWID;

CREATE TABLE claim (            -- what a document states, as far as a label can be doubted for it
    blob    TEXT PRIMARY KEY,
    facts   BLOB NOT NULL       -- a hash of eight bytes for each fact
) WITHOUT ROWID;

CREATE TABLE versionset (       -- kept once, however many names have it
    id      INTEGER PRIMARY KEY,
    labels  TEXT NOT NULL UNIQUE -- JSON list of labels, oldest first
);

CREATE TABLE symbol (           -- exact names: the answer to `kbase show NAME`
    folded   TEXT NOT NULL,     -- lower case: rename, inode_operations.rename
    kind     TEXT NOT NULL,
    name     TEXT NOT NULL,     -- in full: inode_operations.rename
    versions INTEGER NOT NULL REFERENCES versionset,
    PRIMARY KEY (folded, kind, name)
) WITHOUT ROWID;

CREATE VIEW standing AS         -- the documents that stand, in the order of kbase.state.DocumentRef
    SELECT document.reading, document.version, document.path, reading.blob, reading.kind, reading.format,
           reading.title, source.argument AS source, reading.page_of, document.bundled, document.origin
    FROM document
    JOIN reading ON reading.id = document.reading
    JOIN source ON source.id = document.source
    WHERE document.stands;

CREATE VIEW fact AS             -- the records of the documents that stand
    SELECT record.reading, record.seq, record.struct, record.kind AS record, record.first, record.last, record.body,
           standing.version, standing.path, standing.blob, standing.kind, standing.format, standing.title,
           standing.source, standing.page_of, standing.bundled, standing.origin
    FROM record
    JOIN standing ON standing.reading = record.reading;
