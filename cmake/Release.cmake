# What a release has besides libraries and programs, and the archive: `cpack` makes Lathe-<version>.tar.gz with include/, lib/,
# bin/, samples/ and python/.
include(GNUInstallDirs)

install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
# CUDA's headers for programs that are built without CUDA: a folder of their own, which only those name.
install(DIRECTORY ${CMAKE_SOURCE_DIR}/compat/cudart/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/compat/cudart
        FILES_MATCHING PATTERN "*.h")
install(DIRECTORY ${CMAKE_SOURCE_DIR}/samples/ DESTINATION samples PATTERN "__pycache__" EXCLUDE)
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE ${CMAKE_SOURCE_DIR}/README.md ${CMAKE_SOURCE_DIR}/CHANGELOG.md DESTINATION .)

set(CPACK_GENERATOR TGZ)
set(CPACK_PACKAGE_NAME ${PROJECT_NAME})
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_FILE_NAME ${PROJECT_NAME}-${PROJECT_VERSION})
set(CPACK_INCLUDE_TOPLEVEL_DIRECTORY ON)
set(CPACK_STRIP_FILES ON)
include(CPack)
