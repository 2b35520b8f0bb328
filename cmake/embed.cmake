# Writes a .cc with the files of the status page in it: cli/http/page_assets.h.
# cmake -DFOLDER=... -DFILES=a.js,b.css -DOUTPUT=x.cc -P embed.cmake

set(TYPE_html "text/html; charset=utf-8")
set(TYPE_css "text/css; charset=utf-8")
set(TYPE_js "text/javascript; charset=utf-8")
set(TYPE_svg "image/svg+xml")

string(REPLACE "," ";" FILES "${FILES}")
list(LENGTH FILES count)
set(rows "")
foreach(name IN LISTS FILES)
  file(READ ${FOLDER}/${name} hex HEX)
  file(SHA256 ${FOLDER}/${name} tag)
  string(SUBSTRING ${tag} 0 16 tag)
  string(LENGTH "${hex}" digits)
  math(EXPR size "${digits} / 2")
  # Bytes as escapes, in literals of 32: nothing of a file's own text can end one.
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" text "${hex}")
  string(REPEAT "\\\\x[0-9a-f][0-9a-f]" 32 line)
  string(REGEX REPLACE "(${line})" "\\1\"\n    \"" text "${text}")
  get_filename_component(extension ${name} LAST_EXT)
  string(SUBSTRING ${extension} 1 -1 extension)
  set(path "/page/${name}")
  if(name STREQUAL "index.html")
    set(path "/")
  endif()
  string(APPEND rows
    "  PageAsset{\"${path}\", \"${TYPE_${extension}}\", \"${tag}\",\n"
    "    {\"${text}\", ${size}}},\n")
endforeach()

file(WRITE ${OUTPUT} "// Made by cmake/embed.cmake.
#include \"cli/http/page_assets.h\"

#include <array>

namespace longspan {
namespace {
constexpr std::array<PageAsset, ${count}> kAssets{\n${rows}};
}  // namespace

std::span<const PageAsset> page_assets() { return kAssets; }

}  // namespace longspan
")
