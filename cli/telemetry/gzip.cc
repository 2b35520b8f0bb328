#include "cli/telemetry/gzip.h"

#include <zlib.h>

#include "lagcalc/assert.h"

namespace longspan {

std::string gzip(std::string_view body) {
  constexpr int kLevel = 6;
  constexpr int kWindowBits = 15 + 16;  // and gzip's frame
  constexpr int kMemoryLevel = 8;
  z_stream stream{};
  LONGSPAN_ASSERT(deflateInit2(&stream, kLevel, Z_DEFLATED, kWindowBits, kMemoryLevel,
                               Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, body.size()), '\0');
  // zlib takes what it only reads by a pointer that is not const.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  LONGSPAN_ASSERT(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace longspan
