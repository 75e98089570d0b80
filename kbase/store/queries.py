"""The queries that read a generation's database, see `schema.sql`; `kbase.store.database` runs them."""

# Number of the reading, then the fields of a DocumentRef.
DOCUMENTS = """
    SELECT reading, version, path, blob, kind, format, title, source, page_of, bundled, origin
    FROM active_document WHERE version = ? ORDER BY path
"""
LOCK_RECORDS = """
    SELECT record.reading, record.kind, body, blob, first, last FROM lock JOIN record USING (reading, seq)
    JOIN reading ON reading.id = record.reading WHERE subject = ? ORDER BY record.reading, seq
"""
OP_RECORDS = """
    SELECT record.reading, record.kind, body, blob, first, last FROM record JOIN reading ON reading.id = record.reading
    WHERE struct = ? AND (record.name = ? OR record.name IS NULL) AND record.kind IN (SELECT value FROM json_each(?))
    ORDER BY record.reading, seq
"""
KIND_RECORDS = """
    SELECT record.reading, record.kind, body, blob, first, last FROM record JOIN reading ON reading.id = record.reading
    WHERE record.kind = ? ORDER BY record.reading, seq
"""
READING_DOCUMENTS = """
    SELECT reading, version, path, blob, kind, format, title, source, page_of, bundled, origin
    FROM active_document WHERE reading IN (SELECT value FROM json_each(?)) ORDER BY version, path
"""
RECORDS = """
    SELECT record.kind, body, blob, first, last FROM record JOIN reading ON reading.id = record.reading
    WHERE record.reading = ? AND record.kind IN (SELECT value FROM json_each(?)) ORDER BY seq
"""
LOCKS = """
    SELECT subject, json_group_array(DISTINCT struct || '.' || name), json_group_array(DISTINCT version)
    FROM lock JOIN record USING (reading, seq) JOIN document USING (reading) WHERE active
    GROUP BY subject ORDER BY subject
"""
CONTENTS = """
    SELECT version, reading, blob, name, path, bundled FROM document
    JOIN reading ON reading.id = document.reading WHERE active
"""
SLUGS = """
    SELECT reading, group_concat(slug, ' ') FROM (
        SELECT reading, json_extract(body, '$.slug') AS slug FROM record
        WHERE kind = 'PortingEntry' ORDER BY reading, seq
    ) GROUP BY reading
"""
ALL_DOCUMENTS = """
    SELECT version, path, blob, source, label_origin, bundled, origin FROM document
    JOIN reading ON reading.id = document.reading
"""
VERSIONS = "SELECT label, label_origin, documents, counts FROM version ORDER BY position"
KINDS = "SELECT blob, name, kind, factual FROM reading"
