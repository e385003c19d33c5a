# The tests, found by name. Labels say what kind a test is:
#   unit   tests/{unit,kernels,golden}/test_*.c   a cmocka program each
#   replay tests/fuzz/fuzz_X.c over tests/fuzz/corpus/X
#   cli    tests/cli/test_*.sh                    the program from outside
#   build  tests/build/test_*.sh                  header, symbols, install, law
#   kernels tests/kernels/test_*.sh               kernels of other processors
#   http   tests/http/test_*.sh                   numeral serve, asked and abused
#   browser tests/browser/test_*.sh               pages in headless Chromium
#   window tests/window/test_*.sh                 numeral draw on a screen of its own
# A script that exits with 77 is skipped, and says why.
pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)

file(GLOB unit_tests CONFIGURE_DEPENDS tests/unit/test_*.c
     tests/kernels/test_*.c tests/golden/test_*.c)
if(NOT TARGET module_microhttpd)
  list(FILTER unit_tests EXCLUDE REGEX "/test_http_(server|deadlines|life|tls)[.]c$")
endif()
foreach(source ${unit_tests})
  get_filename_component(name ${source} NAME_WE)
  add_executable(${name} ${source})
  target_include_directories(${name} PRIVATE src tests)
  target_link_libraries(${name} PRIVATE numeral_static PkgConfig::CMOCKA)
  foreach(library app formats)
    if(TARGET ${library})
      target_link_libraries(${name} PRIVATE ${library})
    endif()
  endforeach()
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS unit SKIP_RETURN_CODE 77)
endforeach()
# the golden values and predictions again, without the widest vectors and
# without any
foreach(set avx2=2 portable=7)
  string(REGEX REPLACE "=.*" "" set_name ${set})
  string(REGEX REPLACE ".*=" "" mask ${set})
  foreach(test test_golden test_predictor)
    add_test(NAME ${test}_${set_name} COMMAND ${test} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${test}_${set_name} PROPERTIES LABELS unit
                         ENVIRONMENT NUMERAL_CPU_MASK=${mask})
  endforeach()
endforeach()
# the checks are plain C beside it, so that test_neon.sh compiles them too
file(GLOB kernel_checks CONFIGURE_DEPENDS tests/kernels/check*.c tests/kernels/naive.c)
foreach(target test_kernels test_narrow)
  target_sources(${target} PRIVATE ${kernel_checks})
endforeach()

# tests/fuzz/fuzz_X.c defines LLVMFuzzerTestOneInput; replay.c feeds it files
file(GLOB fuzz_targets CONFIGURE_DEPENDS tests/fuzz/fuzz_*.c)
foreach(source ${fuzz_targets})
  get_filename_component(name ${source} NAME_WE)
  string(REPLACE "fuzz_" "" target ${name})
  if(NUMERAL_FUZZ)
    add_executable(${name} ${source})
    target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    set(programs ${name})
  else()
    add_executable(replay_${target} ${source} tests/fuzz/replay.c)
    set(programs replay_${target})
    add_test(NAME replay_${target} COMMAND replay_${target}
             ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${target})
    set_tests_properties(replay_${target} PROPERTIES LABELS replay)
  endif()
  target_include_directories(${programs} PRIVATE src tests)
  target_link_libraries(${programs} PRIVATE numeral_static)
  foreach(library app formats)
    if(TARGET ${library})
      target_link_libraries(${programs} PRIVATE ${library})
    endif()
  endforeach()
endforeach()

# scripts get NUMERAL (the program), SOURCE_DIR, BUILD_DIR, CC
function(add_script_tests label shell)
  file(GLOB scripts CONFIGURE_DEPENDS tests/${label}/test_*.sh)
  foreach(script ${scripts})
    get_filename_component(name ${script} NAME_WE)
    add_test(NAME ${label}_${name} COMMAND ${shell} ${script})
    set_tests_properties(${label}_${name} PROPERTIES LABELS ${label}
      SKIP_RETURN_CODE 77 ENVIRONMENT
      "NUMERAL=${PROJECT_BINARY_DIR}/numeral;SOURCE_DIR=${PROJECT_SOURCE_DIR};BUILD_DIR=${PROJECT_BINARY_DIR};CC=${CMAKE_C_COMPILER}")
  endforeach()
endfunction()
# what the scripts of tests/cli read JSON with
if(NUMERAL_APP)
  add_executable(json_get tests/cli/json_get.c)
  target_link_libraries(json_get PRIVATE PkgConfig::JANSSON)
endif()
# what tests/window draws
if(NUMERAL_APP AND NOT NUMERAL_FUZZ)
  add_executable(write_strokes tests/window/write_strokes.c)
  target_include_directories(write_strokes PRIVATE src)
  target_link_libraries(write_strokes PRIVATE numeral_static)
  add_script_tests(window sh)
endif()
if(NOT NUMERAL_FUZZ)
  add_script_tests(cli sh)
  add_script_tests(http sh)
  add_script_tests(build sh)
  add_script_tests(kernels sh)
  add_script_tests(browser sh)
endif()

# test_fetch has its mirror beside it; these two make the files that they read
if(TARGET test_fetch)
  target_sources(test_fetch PRIVATE tests/unit/mirror_server.c)
  target_link_libraries(test_fetch PRIVATE PkgConfig::CRYPTO)
endif()
# these have a client and a server to ask beside them
foreach(target test_http_server test_http_deadlines test_http_life test_http_tls)
  if(TARGET ${target})
    target_sources(${target} PRIVATE tests/unit/http_client.c tests/unit/http_world.c)
    add_dependencies(${target} module_microhttpd)
  endif()
endforeach()
if(TARGET test_http_tls) # OpenSSL 3 makes the certificate, and is the client
  pkg_check_modules(OPENSSL REQUIRED IMPORTED_TARGET openssl)
  target_link_libraries(test_http_tls PRIVATE PkgConfig::OPENSSL)
endif()
if(TARGET test_image_file)
  target_link_libraries(test_image_file PRIVATE PkgConfig::LEPTONICA)
endif()
