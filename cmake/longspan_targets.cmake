# How every folder of this project becomes a target: two functions and one INTERFACE target.

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Paths are hashed relative to the tree, so that a second clone finds what the first one compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE_PROGRAM})
endif()

find_package(Threads REQUIRED)

# The program lands at the top of the build directory: build/release/longspan.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})

add_library(longspan_flags INTERFACE)
target_compile_options(longspan_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow)
# Warnings are errors with the compilers that CI runs; a newer one's new warning stops nobody.
set(compiler "${CMAKE_CXX_COMPILER_ID}-${CMAKE_CXX_COMPILER_VERSION}")
if(compiler MATCHES "^(GNU-12|Clang-14)\\.")
  target_compile_options(longspan_flags INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # At -O2 g++ 12 reports both inside std::variant and std::string (its bugs 105562, 105329). Real
  # ones are found by the sanitizers and by clang's analyzer (`./dev lint`).
  target_compile_options(longspan_flags INTERFACE -Wno-maybe-uninitialized -Wno-restrict)
endif()
target_include_directories(longspan_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_link_libraries(longspan_flags INTERFACE Threads::Threads)
if(LONGSPAN_SANITIZE)
  target_compile_options(longspan_flags INTERFACE
    -fsanitize=${LONGSPAN_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(longspan_flags INTERFACE -fsanitize=${LONGSPAN_SANITIZE})
endif()

# longspan_module(NAME SOURCES a.cc b.cc [DEPENDS targets...] [PRIVATE_DEPENDS targets...])
# A static library longspan_NAME, known as longspan::NAME.
function(longspan_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS" ${ARGN})
  add_library(longspan_${name} STATIC ${ARG_SOURCES})
  add_library(longspan::${name} ALIAS longspan_${name})
  target_link_libraries(longspan_${name} PUBLIC longspan_flags ${ARG_DEPENDS}
                                         PRIVATE ${ARG_PRIVATE_DEPENDS})
endfunction()

add_custom_target(longspan_unit_tests)  # what the race preset builds

# longspan_test(NAME LABEL unit SOURCES a_test.cc [DEPENDS targets...] [TIMEOUT seconds])
# A GoogleTest program, one CTest entry, with the label of its tier.
function(longspan_test name)
  cmake_parse_arguments(ARG "" "LABEL;TIMEOUT" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  target_link_libraries(${name} PRIVATE
    longspan_flags ${ARG_DEPENDS} GTest::gtest GTest::gmock GTest::gtest_main)
  if(ARG_LABEL STREQUAL "unit")
    add_dependencies(longspan_unit_tests ${name})
  endif()
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 240)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT})
endfunction()

# longspan_fuzz(NAME SOURCES a_fuzz.cc [DEPENDS targets...])
# A fuzz target whose corpus is tests/fuzz/corpus/NAME. With LONGSPAN_BUILD_FUZZ a libFuzzer
# program; else the corpus is replayed as a unit test, so that what was found stays mended.
function(longspan_fuzz name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE longspan_flags ${ARG_DEPENDS})
  if(LONGSPAN_BUILD_FUZZ)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzz)
    return()
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  target_link_libraries(${name} PRIVATE longspan_fuzz_replay)
  add_dependencies(longspan_unit_tests ${name})
  add_test(NAME ${name} COMMAND ${name} ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name})
  set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT 60)
endfunction()
