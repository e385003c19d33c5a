# examples/X.c -> build/examples/X, over numeral.h and libnumeral.so alone,
# as a user of the library would build it.
find_package(Threads REQUIRED)
file(GLOB EXAMPLE_SOURCES CONFIGURE_DEPENDS examples/*.c)
foreach(source ${EXAMPLE_SOURCES})
  get_filename_component(name ${source} NAME_WE)
  add_executable(example_${name} ${source})
  set_target_properties(example_${name} PROPERTIES OUTPUT_NAME ${name}
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/examples)
  target_link_libraries(example_${name} PRIVATE numeral_shared Threads::Threads m)
endforeach()
