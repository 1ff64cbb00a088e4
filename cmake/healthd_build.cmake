option(HEALTHD_WERROR "Treat warnings as errors" ON)
option(HEALTHD_FUZZ "Build the libFuzzer targets (clang only)" OFF)
set(HEALTHD_SANITIZE "" CACHE STRING "address,undefined | thread | empty")
add_library(healthd_build INTERFACE)
add_library(healthd::build ALIAS healthd_build)
target_compile_features(healthd_build INTERFACE c_std_11)
target_compile_definitions(healthd_build INTERFACE _GNU_SOURCE)
target_compile_options(healthd_build INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wcast-qual -Wcast-align
  -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wwrite-strings
  -Wformat=2 -Wundef -Wvla -Wswitch-enum -Wdouble-promotion
  -Wimplicit-fallthrough -Wpointer-arith -Wdate-time -Winit-self
  $<$<C_COMPILER_ID:GNU>:-Wlogical-op -Wduplicated-cond -Wduplicated-branches -Wjump-misses-init -Walloc-zero -Wformat-overflow=2 -Wformat-truncation=2 -Wstringop-overflow=4 -Warith-conversion>
  $<$<C_COMPILER_ID:Clang>:-Wcomma -Wassign-enum -Wunreachable-code-aggressive -Wconditional-uninitialized -Wloop-analysis -Wshift-sign-overflow -Wthread-safety>
  $<$<BOOL:${HEALTHD_WERROR}>:-Werror>
  -fno-common -fno-omit-frame-pointer -fstack-protector-strong
  -fstack-clash-protection -fcf-protection=full
  -fvisibility=hidden -ffunction-sections -fdata-sections)
if(HEALTHD_FUZZ) # coverage feedback in every object, not in the fuzz target alone
  target_compile_options(healthd_build INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(HEALTHD_SANITIZE)
  target_compile_options(healthd_build INTERFACE -fsanitize=${HEALTHD_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(healthd_build INTERFACE -fsanitize=${HEALTHD_SANITIZE})
else()
  target_compile_options(healthd_build INTERFACE $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3>
    $<$<CONFIG:Release>:-fno-strict-overflow -fno-delete-null-pointer-checks $<$<C_COMPILER_ID:GNU>:-ftrivial-auto-var-init=zero>>)
  target_link_options(healthd_build INTERFACE LINKER:-z,relro LINKER:-z,now LINKER:-z,noexecstack LINKER:--as-needed LINKER:--gc-sections)
endif()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
include(CheckPIESupported)
check_pie_supported()
# Assertions guard our own invariants and stay on in every build type.
foreach(type RELEASE RELWITHDEBINFO MINSIZEREL)
  string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_${type} "${CMAKE_C_FLAGS_${type}}")
endforeach()
