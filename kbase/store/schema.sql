-- The database of one generation. Written once by kbase.build.pipeline, then read-only; openable with any SQLite tool.

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
    kind    TEXT NOT NULL,      -- the class in kbase.model.records
    struct  TEXT,               -- ops table, where the record is about one
    name    TEXT,               -- op, function, flag, ...
    first   INTEGER NOT NULL,   -- evidence: first and last line
    last    INTEGER NOT NULL,
    body    TEXT NOT NULL,      -- JSON, see kbase.store.codec
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
    counts       TEXT NOT NULL, -- JSON: {"tables": 21, "ops": 180, ...}
    release      TEXT NOT NULL, -- the one that it belongs to: v6.4 of v6.4.6
    position     INTEGER NOT NULL -- from 1: among all versions, family by family, oldest first
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

CREATE TABLE neighbours (       -- versions that stand for their releases, each with the next one of its family
    older   TEXT NOT NULL,
    newer   TEXT NOT NULL,
    content TEXT NOT NULL,      -- a hash of what both are: where it is the same, the changes are
    PRIMARY KEY (older, newer)
) WITHOUT ROWID;

CREATE TABLE difference (       -- what changed between neighbours, see kbase.diff
    older     TEXT NOT NULL,
    newer     TEXT NOT NULL,
    seq       INTEGER NOT NULL, -- the order of the diff
    kind      TEXT NOT NULL,
    severity  TEXT NOT NULL,
    struct    TEXT,
    op        TEXT,
    subject   TEXT NOT NULL,
    "before"  TEXT,
    "after"   TEXT,
    reason    TEXT NOT NULL,
    likely    INTEGER NOT NULL, -- concluded, not stated
    from_path TEXT,             -- the first line that proves it, in the older version
    from_line INTEGER,
    to_path   TEXT,             -- and in the newer one
    to_line   INTEGER,
    PRIMARY KEY (older, newer, seq)
) WITHOUT ROWID;

CREATE VIEW standing AS         -- the documents that stand, in the order of kbase.model.states.DocumentRef
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

-- What follows is for people: docs/datasette.rst describes its columns. A version, its release and its position come first,
-- then what is said, then where. Windows are divided by all three: SQLite then looks only at what a query is about.

CREATE VIEW said AS             -- the records of the documents that stand, with their versions
    SELECT version.label AS version, version.release, version.position, record.reading, record.seq, record.kind,
           record.struct, record.name, record.body, document.path, record.first AS line
    FROM version
    JOIN document ON document.version = version.label AND document.stands
    JOIN record ON record.reading = document.reading;

CREATE VIEW named AS            -- what gives an ops table its ops and its data members, see kbase.store.assembly
    SELECT *, MAX(rank < 3) OVER same AS is_op, MAX(rank = 3) OVER same AS is_member,
           ROW_NUMBER() OVER (PARTITION BY version, release, position, struct, name ORDER BY rank, path, seq) AS nth
    FROM (
        SELECT *, CASE kind
                WHEN 'Prototype' THEN 0
                WHEN 'Member' THEN 3
                WHEN 'Description' THEN CASE
                    WHEN struct = 'xattr_handler' AND name NOT IN ('list', 'get', 'set') THEN 4
                    WHEN EXISTS (
                        SELECT 1 FROM record AS listed
                        WHERE listed.reading = said.reading AND listed.struct = said.struct
                        AND listed.kind IN ('Prototype', 'Member')
                    ) THEN 4
                    ELSE 2 END
                ELSE 1 END AS rank
        FROM said
        WHERE kind IN ('Prototype', 'OpRow', 'LockRule', 'Member')
        OR (kind = 'Description' AND json_extract(body, '$.text') <> '')
    )
    WINDOW same AS (PARTITION BY version, release, position, struct, name);

CREATE VIEW op AS               -- one row an op
    SELECT version, release, position, struct, name AS op,
           CASE kind WHEN 'Prototype' THEN json_extract(body, '$.text') END AS prototype, path, line
    FROM named WHERE nth = 1 AND is_op;

CREATE VIEW prototype AS        -- one row a declaration, as each document has it
    SELECT version, release, position, struct, name AS op, json_extract(body, '$.text') AS prototype,
           json_extract(body, '$.returns') AS returns,
           (SELECT group_concat(json_extract(value, '$.type'), ', ') FROM json_each(body, '$.parameters')) AS types,
           json_array_length(body, '$.parameters') AS parameters, json_extract(body, '$.condition') AS condition,
           json_extract(body, '$.repair') AS repair, coalesce(json_extract(body, '$.malformed'), 0) AS malformed,
           path, line
    FROM said WHERE kind = 'Prototype';

CREATE VIEW lock_rule AS        -- one row a reading: of a cell, or of a rule over a table for each of its ops
    SELECT version, release, position, struct, name AS op, json_extract(body, '$.lock') AS lock,
           json_extract(reading.value, '$.subject') AS subject, json_extract(body, '$.cell') AS cell,
           coalesce(json_extract(reading.value, '$.held'), 'unknown') AS held,
           (SELECT group_concat(value, ', ') FROM json_each(reading.value, '$.modes')) AS modes,
           json_extract(reading.value, '$.effect') AS effect, json_extract(reading.value, '$.scope') AS scope,
           json_extract(reading.value, '$.condition') AS condition,
           coalesce(json_extract(reading.value, '$.context'), 0) AS context,
           (SELECT group_concat(value, ', ') FROM json_each(body, '$.candidates')) AS candidates,
           'cell' AS source, said.path, line
    FROM said LEFT JOIN json_each(body, '$.readings') AS reading
    WHERE kind = 'LockRule'
    UNION ALL
    SELECT version, release, position, struct, op, lock, subject, cell,
           CASE WHEN NOT excepted THEN held WHEN held = 'yes' THEN 'no' WHEN held = 'no' THEN 'yes' ELSE 'unknown' END,
           NULL, NULL, NULL, NULL, context, NULL, CASE WHEN excepted THEN 'exception' ELSE 'table' END, path, line
    FROM (
        SELECT op.version, op.release, op.position, op.struct, op.op, json_extract(body, '$.lock') AS lock,
               json_extract(body, '$.reading.subject') AS subject, json_extract(body, '$.text') AS cell,
               coalesce(json_extract(body, '$.reading.held'), 'unknown') AS held,
               coalesce(json_extract(body, '$.reading.context'), 0) AS context,
               op.op IN (SELECT value FROM json_each(body, '$.exceptions')) AS excepted, said.path, said.line
        FROM said JOIN op ON op.version = said.version AND op.struct = said.struct
        WHERE kind = 'BlanketRule'
    );

CREATE VIEW member AS           -- one row a data member, as each document has it; or that is described and not listed
    SELECT version, release, position, struct, name,
           CASE kind WHEN 'Member' THEN json_extract(body, '$.text') END AS declaration,
           CASE kind WHEN 'Member' THEN json_extract(body, '$.condition') END AS condition, path, line
    FROM named WHERE kind = 'Member' OR (nth = 1 AND NOT is_op AND NOT is_member);

CREATE VIEW porting AS          -- one row an entry of a version's porting log
    SELECT version, release, position, json_extract(body, '$.tag') AS tag, json_extract(body, '$.slug') AS slug,
           json_extract(body, '$.text') AS text,
           (SELECT group_concat(value, ', ') FROM json_each(body, '$.ops')) AS ops,
           (SELECT group_concat(value, ', ') FROM json_each(body, '$.functions')) AS functions, path, line
    FROM said WHERE kind = 'PortingEntry';

CREATE VIEW change AS           -- one row a change between neighbours
    SELECT older AS from_version, newer AS to_version, version.release, version.position, kind, severity, struct, op,
           subject, "before", "after", reason, likely, from_path, from_line, to_path, to_line
    FROM difference JOIN version ON version.label = newer;
