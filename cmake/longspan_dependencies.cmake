# What longspan links, all from the distribution. librdkafka comes from a private build where the
# distribution's is older than 2.13.2: cmake/librdkafka.sh makes it, `./dev` calls that, and it is
# found here without being named.

set(LONGSPAN_RDKAFKA_PREFIX "" CACHE PATH "Prefix of a librdkafka; empty: the newest one found")

find_package(PkgConfig REQUIRED)

# Sets VAR to the prefix of a private build, or to nothing where the system's is used.
function(longspan_find_rdkafka var)
  set(variant "")
  if(LONGSPAN_SANITIZE STREQUAL "thread")
    set(variant --variant tsan)
  endif()
  execute_process(COMMAND ${PROJECT_SOURCE_DIR}/cmake/librdkafka.sh --find ${variant}
    OUTPUT_VARIABLE prefix OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT prefix)
    message(WARNING "no librdkafka that is new enough: SCRAM logins to Kafka 3.8.1 and later fail; "
      "run cmake/librdkafka.sh or set LONGSPAN_RDKAFKA_PREFIX")
  elseif(prefix STREQUAL "system")
    set(prefix "")
  endif()
  set(${var} "${prefix}" PARENT_SCOPE)
endfunction()

set(rdkafka_prefix "${LONGSPAN_RDKAFKA_PREFIX}")
if(NOT rdkafka_prefix)
  longspan_find_rdkafka(rdkafka_prefix)
endif()
if(NOT rdkafka_prefix STREQUAL "${LONGSPAN_RDKAFKA_PREFIX_USED}")
  unset(__pkg_config_checked_RDKAFKA CACHE)  # pkg_check_modules remembers the other one
  unset(pkgcfg_lib_RDKAFKA_rdkafka CACHE)
  set(LONGSPAN_RDKAFKA_PREFIX_USED "${rdkafka_prefix}" CACHE INTERNAL "")
endif()
if(rdkafka_prefix)
  set(ENV{PKG_CONFIG_PATH} "${rdkafka_prefix}/lib/pkgconfig:$ENV{PKG_CONFIG_PATH}")
  list(APPEND CMAKE_BUILD_RPATH "${rdkafka_prefix}/lib")
endif()
pkg_check_modules(RDKAFKA REQUIRED IMPORTED_TARGET rdkafka>=2.0.2)
message(STATUS "librdkafka ${RDKAFKA_VERSION} in ${RDKAFKA_LIBDIR}")

pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)

find_package(prometheus-cpp REQUIRED COMPONENTS core)
find_package(spdlog REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(CURL 7.87 REQUIRED)
find_package(ZLIB 1.2 REQUIRED)
find_package(PostgreSQL 13 REQUIRED)
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
find_package(Boost 1.74 REQUIRED COMPONENTS program_options)

if(LONGSPAN_BUILD_TESTS)
  find_package(GTest REQUIRED)
endif()
