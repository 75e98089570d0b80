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
    fingerprint TEXT            -- of its content, where one is cheaper than reading it; see kbase.sources.readers
);

CREATE TABLE git_blob (         -- git's names of documents, so that the next build reads only new ones
    name    TEXT PRIMARY KEY,   -- git's hash, hex
    blob    TEXT                -- NULL: a binary file, skipped
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
    plain     INTEGER NOT NULL, -- 1: its lines are those of the file; 0: it is unwrapped from a page, a mail or margins
    ops       INTEGER NOT NULL, -- how many ops it states a prototype or a row of a locking table of
    factual   INTEGER NOT NULL, -- 1: it states at least one fact
    believed  INTEGER,          -- the place of its kind among those that state prototypes: 0 is believed first
    UNIQUE (blob, name)
);

CREATE TABLE body (             -- what records state, stored once: most releases repeat those of the release before
    id      INTEGER PRIMARY KEY,
    json    TEXT NOT NULL UNIQUE -- see kbase.store.codec
);

CREATE TABLE record_row (
    reading INTEGER NOT NULL REFERENCES reading,
    seq     INTEGER NOT NULL,   -- the document's order
    kind    TEXT NOT NULL,      -- the class in kbase.model.records
    struct  TEXT,               -- ops table, where the record is about one
    name    TEXT,               -- op, function, flag, ...
    first   INTEGER NOT NULL,   -- evidence: first and last line
    last    INTEGER NOT NULL,
    body    INTEGER NOT NULL REFERENCES body,
    PRIMARY KEY (reading, seq)
) WITHOUT ROWID;
CREATE INDEX record_of_op ON record_row (struct, name, reading);

CREATE VIEW record AS           -- the records with their bodies
    SELECT reading, seq, kind, struct, name, first, last, json AS body
    FROM record_row LEFT JOIN body ON body.id = record_row.body; -- LEFT: not looked up where a query does not use it

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
    active       INTEGER NOT NULL, -- 0: replaced by the document of another source
    PRIMARY KEY (version, path, source)
) WITHOUT ROWID;
CREATE INDEX document_by_reading ON document (reading, version) WHERE active;

CREATE TABLE version (
    label        TEXT PRIMARY KEY,
    label_origin TEXT NOT NULL,
    release      TEXT NOT NULL, -- the one that it belongs to: v6.4 of v6.4.6
    position     INTEGER NOT NULL, -- from 1: among all versions, family by family, oldest first
    kinds        TEXT NOT NULL, -- JSON list: the kinds of documents of which it has a whole one
    documents    TEXT NOT NULL, -- JSON: how many documents it has from each source: {"bundled": 5}
    counts       TEXT NOT NULL DEFAULT '{}' -- JSON: {"tables": 21, "ops": 180, ...}
) WITHOUT ROWID;

CREATE TABLE warning (          -- warnings about versions: a label that the content contradicts
    version TEXT NOT NULL,
    text    TEXT NOT NULL,
    PRIMARY KEY (version, text)
) WITHOUT ROWID;

CREATE TABLE fact_hash (        -- the facts of a document, for comparing how similar versions are
    blob    TEXT PRIMARY KEY,
    hashes  BLOB NOT NULL       -- eight bytes for each fact
) WITHOUT ROWID;

CREATE TABLE versionset (       -- stored once, however many names have it
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

CREATE TABLE neighbours (       -- pairs of versions that the build compared, see kbase.build.neighbour_changes
    older   TEXT NOT NULL,
    newer   TEXT NOT NULL,
    content TEXT NOT NULL,      -- a hash of the content of both: where it is equal, so are the changes
    step    INTEGER NOT NULL,   -- 1: they represent their releases, and no other release is between them
    incomplete TEXT NOT NULL,   -- JSON: tables of which a truncated document does not state all: [version, kind, table]
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
    likely    INTEGER NOT NULL, -- inferred, not stated
    from_path TEXT,             -- the first line that proves it, in the older version
    from_line INTEGER,
    to_path   TEXT,             -- and in the newer one
    to_line   INTEGER,
    more      TEXT NOT NULL,    -- JSON: the rest of a change, see kbase.diff.rows
    PRIMARY KEY (older, newer, seq)
) WITHOUT ROWID;

CREATE TABLE touched (          -- the ops that a change is about, or that its facts are about
    struct  TEXT NOT NULL,
    op      TEXT NOT NULL,      -- '': all ops of the table
    older   TEXT NOT NULL,
    newer   TEXT NOT NULL,
    seq     INTEGER NOT NULL,
    PRIMARY KEY (struct, op, older, newer, seq)
) WITHOUT ROWID;

CREATE TABLE disagreement (     -- of a document and the header of the same version, see kbase.model.drift
    seq         INTEGER PRIMARY KEY, -- version by version, in the order of tables and ops; then the fields of `Drift`
    version     TEXT NOT NULL,
    struct      TEXT NOT NULL,
    op          TEXT NOT NULL,
    document    TEXT NOT NULL,  -- its kind
    kind        TEXT NOT NULL,
    statement   TEXT NOT NULL,
    documented  TEXT,
    header      TEXT,
    now_in      TEXT NOT NULL,  -- JSON list of ops tables
    path        TEXT NOT NULL,
    line        INTEGER NOT NULL,
    last_line   INTEGER NOT NULL,
    saved_page  INTEGER NOT NULL,
    header_path TEXT NOT NULL,
    header_line INTEGER NOT NULL,
    header_last_line INTEGER NOT NULL,
    since       TEXT NOT NULL,
    or_earlier  INTEGER NOT NULL,
    releases    INTEGER NOT NULL
);
CREATE INDEX disagreement_of_version ON disagreement (version);

CREATE TABLE compared_block (   -- what was compared for drift: a document's list of the ops of a table
    version      TEXT NOT NULL,
    struct       TEXT NOT NULL,
    document     TEXT NOT NULL, -- its kind
    whole        INTEGER NOT NULL, -- 1: what it lacks is missing
    header_whole INTEGER NOT NULL  -- 1: what the struct in the header lacks is gone
);

CREATE TABLE revision (         -- the commits at which the versions of a git repository were read
    source  INTEGER NOT NULL REFERENCES source,
    version TEXT NOT NULL,
    hash    TEXT NOT NULL,
    PRIMARY KEY (source, version)
) WITHOUT ROWID;

CREATE TABLE line_commit (      -- commits between neighbours that touched a line which proves a change
    older    TEXT NOT NULL,
    newer    TEXT NOT NULL,
    version  TEXT NOT NULL,     -- the one of the two that has the line
    path     TEXT NOT NULL,
    line     INTEGER NOT NULL,
    position INTEGER NOT NULL,  -- of the commit among all in between, newest first
    hash     TEXT NOT NULL,
    date     TEXT NOT NULL,     -- of its author
    subject  TEXT NOT NULL,
    PRIMARY KEY (older, newer, version, path, line, position)
) WITHOUT ROWID;

CREATE VIEW active_document AS  -- the active documents, in the order of kbase.model.states.DocumentRef
    SELECT document.reading, document.version, document.path, reading.blob, reading.kind, reading.format,
           reading.title, source.argument AS source, reading.page_of, document.bundled, document.origin
    FROM document
    JOIN reading ON reading.id = document.reading
    JOIN source ON source.id = document.source
    WHERE document.active;

CREATE VIEW fact AS             -- the records of the active documents
    SELECT record.reading, record.seq, record.struct, record.kind AS record, record.first, record.last, record.body,
           active_document.version, active_document.path, active_document.blob, active_document.kind, active_document.format, active_document.title,
           active_document.source, active_document.page_of, active_document.bundled, active_document.origin
    FROM record
    JOIN active_document ON active_document.reading = record.reading;

-- What follows is for people: docs/datasette.rst documents its columns. A version, its release and its position come
-- first, then the fact, then its place. Windows are partitioned by all three: SQLite then reads only what a query needs.

CREATE VIEW stated AS           -- the records of the active documents, with their versions
    SELECT version.label AS version, version.release, version.position, record.reading, record.seq, record.kind,
           record.struct, record.name, record.body, reading.believed, document.path, record.first AS line
    FROM version
    JOIN document ON document.version = version.label AND document.active
    JOIN reading ON reading.id = document.reading
    JOIN record ON record.reading = document.reading;

CREATE VIEW named AS            -- what gives an ops table its ops and its data members, see kbase.store.assembly
    SELECT *, MAX(rank < 3) OVER same AS is_op, MAX(rank = 3) OVER same AS is_member,
           ROW_NUMBER() OVER (PARTITION BY version, release, position, struct, name ORDER BY rank, believed, path, seq) AS nth
    FROM (
        SELECT *, CASE kind
                WHEN 'Prototype' THEN 0
                WHEN 'Member' THEN 3
                WHEN 'Description' THEN CASE
                    WHEN struct = 'xattr_handler' AND name NOT IN ('list', 'get', 'set') THEN 4
                    WHEN EXISTS (
                        SELECT 1 FROM record AS listed
                        WHERE listed.reading = stated.reading AND listed.struct = stated.struct
                        AND listed.kind IN ('Prototype', 'Member')
                    ) THEN 4
                    ELSE 2 END
                ELSE 1 END AS rank
        FROM stated
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
    FROM stated WHERE kind = 'Prototype';

CREATE VIEW lock_rule AS        -- one row a reading: of a cell, or of a rule over a table for each of its ops
    SELECT version, release, position, struct, name AS op, json_extract(body, '$.lock') AS lock,
           json_extract(reading.value, '$.subject') AS subject, json_extract(body, '$.cell') AS cell,
           coalesce(json_extract(reading.value, '$.held'), 'unknown') AS held,
           (SELECT group_concat(value, ', ') FROM json_each(reading.value, '$.modes')) AS modes,
           json_extract(reading.value, '$.effect') AS effect, json_extract(reading.value, '$.scope') AS scope,
           json_extract(reading.value, '$.condition') AS condition,
           coalesce(json_extract(reading.value, '$.context'), 0) AS context,
           (SELECT group_concat(value, ', ') FROM json_each(body, '$.candidates')) AS candidates,
           CASE kind WHEN 'LockRule' THEN 'cell' ELSE 'prose' END AS source, stated.path, line
    FROM stated LEFT JOIN json_each(body, '$.readings') AS reading
    WHERE kind = 'LockRule' OR (kind = 'ProseRule' AND (  -- the BKL is gone since 2.6.39, whatever sentences say
        json_extract(reading.value, '$.subject') IS NOT 'BKL' OR release GLOB 'v2.4*'
        OR (release GLOB 'v2.6*' AND CAST(substr(release, 6) AS INTEGER) < 39)
    ))
    UNION ALL
    SELECT version, release, position, struct, op, lock, subject, cell,
           CASE WHEN NOT excepted THEN held WHEN subject IS NULL THEN 'unknown'
                WHEN held = 'yes' THEN 'no' WHEN held = 'no' THEN 'yes' ELSE 'unknown' END,
           NULL, NULL, NULL, NULL, context, NULL, CASE WHEN excepted THEN 'exception' ELSE 'table' END, path, line
    FROM (
        SELECT op.version, op.release, op.position, op.struct, op.op,
               coalesce(json_extract(body, '$.lock'), iif(body ->> '$.reading' IS NULL, NULL, 'any lock')) AS lock,
               json_extract(body, '$.reading.subject') AS subject, json_extract(body, '$.text') AS cell,
               coalesce(json_extract(body, '$.reading.held'), 'unknown') AS held,
               coalesce(json_extract(body, '$.reading.context'), 0) AS context,
               op.op IN (SELECT value FROM json_each(body, '$.exceptions')) AS excepted, stated.path, stated.line
        FROM stated CROSS JOIN op ON op.version = stated.version AND op.struct = stated.struct -- in this order: it is fast
        WHERE kind = 'BlanketRule' AND EXISTS (
            SELECT 1 FROM record AS listed WHERE listed.reading = stated.reading AND listed.struct = stated.struct
            AND listed.name = op.op AND listed.kind IN ('Prototype', 'OpRow', 'LockRule', 'Description')
        )
    );

CREATE VIEW lock_order AS       -- one row an order: of two locks, or with `among` of the objects of one
    SELECT version, release, position, json_extract(body, '$.first.subject') AS first,
           json_extract(body, '$.first.scope') AS first_object, json_extract(body, '$.first.mode') AS first_mode,
           json_extract(body, '$.second.subject') AS second, json_extract(body, '$.second.scope') AS second_object,
           json_extract(body, '$.second.mode') AS second_mode, json_extract(body, '$.among') AS among,
           json_extract(body, '$.operation') AS operation, json_extract(body, '$.condition') AS condition,
           json_extract(body, '$.text') AS text, path, line
    FROM stated WHERE kind = 'LockOrder';

CREATE VIEW member AS           -- one row a data member, as each document has it; or that is described and not listed
    SELECT version, release, position, struct, name,
           CASE kind WHEN 'Member' THEN json_extract(body, '$.text') END AS declaration,
           CASE kind WHEN 'Member' THEN json_extract(body, '$.condition') END AS condition, path, line
    FROM named WHERE kind = 'Member' OR (nth = 1 AND NOT is_op AND NOT is_member);

CREATE VIEW porting AS          -- one row an entry of a version's porting log
    SELECT version, release, position, json_extract(body, '$.tag') AS tag, json_extract(body, '$.slug') AS slug,
           json_extract(body, '$.text') AS text,
           (SELECT group_concat(value, ', ') FROM json_each(body, '$.ops')) AS ops,
           (SELECT group_concat(value, ', ') FROM json_each(body, '$.functions')) AS functions,
           (SELECT group_concat(value, ', ') FROM json_each(body, '$.macros')) AS macros,
           (SELECT group_concat(value, ', ') FROM json_each(body, '$.locks')) AS locks,
           (SELECT group_concat(value, ', ') FROM json_each(body, '$.members')) AS members, path, line
    FROM stated WHERE kind = 'PortingEntry';

CREATE VIEW change AS           -- one row a change between neighbours
    SELECT older AS from_version, newer AS to_version, version.release, version.position, kind, severity, struct, op,
           subject, "before", "after", reason, likely, from_path, from_line, to_path, to_line
    FROM difference JOIN neighbours USING (older, newer) JOIN version ON version.label = newer WHERE step;

CREATE VIEW drift AS            -- one row a disagreement of a document and the header of the same version
    SELECT version, release, position, struct, op, document, disagreement.kind, statement, documented, header,
           (SELECT group_concat(value, ', ') FROM json_each(now_in)) AS now_in, since, or_earlier, releases,
           path, line, header_path, header_line
    FROM disagreement JOIN version ON version.label = disagreement.version;
