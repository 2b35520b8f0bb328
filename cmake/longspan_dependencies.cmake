# What longspan links, all from the distribution; librdkafka from a private prefix where the
# distribution's is older than 2.13.2 (`./dev` builds it and passes LONGSPAN_RDKAFKA_PREFIX).

set(LONGSPAN_RDKAFKA_PREFIX "" CACHE PATH "Prefix of a private librdkafka; empty: the system's")

find_package(PkgConfig REQUIRED)
if(LONGSPAN_RDKAFKA_PREFIX)
  set(ENV{PKG_CONFIG_PATH} "${LONGSPAN_RDKAFKA_PREFIX}/lib/pkgconfig:$ENV{PKG_CONFIG_PATH}")
endif()
pkg_check_modules(RDKAFKA REQUIRED IMPORTED_TARGET rdkafka>=2.0.2)
pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)

find_package(prometheus-cpp REQUIRED COMPONENTS core)
find_package(spdlog REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(Boost 1.74 REQUIRED COMPONENTS program_options)

# The private library is linked by path and found at run time through the rpath.
if(LONGSPAN_RDKAFKA_PREFIX)
  list(APPEND CMAKE_BUILD_RPATH "${LONGSPAN_RDKAFKA_PREFIX}/lib")
endif()

if(LONGSPAN_BUILD_TESTS)
  find_package(GTest REQUIRED)
endif()
