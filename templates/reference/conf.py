# The configuration of the generated reference; `kbase reference` writes it, `sphinx-build` reads it.
project = "Linux VFS operations"
author = ""
copyright = ""
version = release = {{ newest|quoted }}
today = {{ newest|quoted }}

extensions = [
    "kbase.sphinx",
    "kbase.reference.kernel_style",
    "kbase.reference.manual",
    "kbase.reference.navigation",
    "kbase.reference.quick",
]
root_doc = "index"
highlight_language = "c"
smartquotes = False  # quotes and dashes are shown as the documents write them
# What may lead nowhere: C identifiers of types that the reference does not define.
nitpick_ignore_regex = [("c:identifier", {{ undefined|quoted }})]

html_theme = "furo"
html_title = project
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_show_sphinx = False
html_last_updated_fmt = None
html_static_path = ["_static"]
html_css_files = ["vfs.css"]
html_js_files = ["offline.js"]
html_use_index = False  # the indices by op, lock and version say more; Sphinx forgets its entries in a second build

epub_author = epub_publisher = "kbase"
epub_copyright = "facts of the Linux kernel documentation"
epub_identifier = "kbase-vfs-reference"
epub_scheme = "ID"
epub_uid = "kbase-vfs-reference"
epub_show_urls = "no"
epub_css_files = ["book.css"]

text_sectionchars = "=-~"
man_pages = [
{% for page in manual %}
    ({{ page.docname|quoted }}, {{ page.name|quoted }}, {{ page.about|quoted }}, "", 9),
{% endfor %}
]
