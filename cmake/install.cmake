# What `cmake --install` puts where (the program's modules: CMakeLists.txt):
# header, both libraries, program, manual page, the service for systemd, and
# what pkg-config and find_package(numeral) need to find them.
include(CMakePackageConfigHelpers)

install(FILES include/numeral.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
set_target_properties(numeral_shared PROPERTIES EXPORT_NAME numeral)
set_target_properties(numeral_static PROPERTIES EXPORT_NAME static)
install(TARGETS numeral_shared numeral_static EXPORT numeral)
if(TARGET numeral)
  install(TARGETS numeral)
  if(EXISTS ${PROJECT_SOURCE_DIR}/docs/numeral.1)
    install(FILES docs/numeral.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  endif()
  # where systemd looks, below /usr and /usr/local alike
  if(CMAKE_SYSTEM_NAME STREQUAL Linux)
    install(FILES deploy/numeral.service DESTINATION lib/systemd/system)
  endif()
endif()

# written when installing, since only then is the prefix known for sure
install(CODE "
  set(PROJECT_DESCRIPTION \"${PROJECT_DESCRIPTION}\")
  set(PROJECT_VERSION ${PROJECT_VERSION})
  set(LIBDIR ${CMAKE_INSTALL_LIBDIR})
  set(INCLUDEDIR ${CMAKE_INSTALL_INCLUDEDIR})
  configure_file(${PROJECT_SOURCE_DIR}/cmake/numeral.pc.in
                 ${PROJECT_BINARY_DIR}/numeral.pc @ONLY)")
install(FILES ${PROJECT_BINARY_DIR}/numeral.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/numeral)
file(WRITE ${PROJECT_BINARY_DIR}/numeralConfig.cmake
  "include(CMakeFindDependencyMacro)\nfind_dependency(Threads)\n"
  "include(\${CMAKE_CURRENT_LIST_DIR}/numeralTargets.cmake)\n")
install(EXPORT numeral NAMESPACE numeral:: FILE numeralTargets.cmake
        DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/numeralConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/numeralConfig.cmake
              ${PROJECT_BINARY_DIR}/numeralConfigVersion.cmake
        DESTINATION ${package_dir})
