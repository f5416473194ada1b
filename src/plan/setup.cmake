# The structure's accessors come from its schema at build time.
find_program(FLATC flatc REQUIRED)
set(plan_header ${CMAKE_BINARY_DIR}/generated/plan/plan_generated.h)
add_custom_command(
  OUTPUT ${plan_header}
  COMMAND ${FLATC} --cpp --scoped-enums -o ${CMAKE_BINARY_DIR}/generated/plan ${CMAKE_SOURCE_DIR}/src/plan/plan.fbs
  DEPENDS ${CMAKE_SOURCE_DIR}/src/plan/plan.fbs
  COMMENT "plan.fbs -> plan_generated.h")
target_sources(lathe_plan PRIVATE ${plan_header})
