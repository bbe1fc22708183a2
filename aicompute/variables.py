"""The environment variables by which a build speaks to the kernels that run its pages."""

#: Names the folder of tables where it is not the repository's own.
DATA_VARIABLE = "AICOMPUTE_DATA"
#: Set by the build, which draws figures itself; elsewhere Altair's own display is added.
BUILD_VARIABLE = "AICOMPUTE_BUILD"
