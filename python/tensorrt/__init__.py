# SPDX-License-Identifier: Apache-2.0
"""The TensorRT API over Lathe.

The classes are those of the C++ API with Python's names (``ICudaEngine.num_io_tensors``,
``IExecutionContext.execute_async_v3``). Host arrays may be given wherever an address is asked for as
``array.ctypes.data``; on the CPU these are used in place.
"""
import atexit as _atexit
import functools as _functools
import operator as _operator

from . import tensorrt as _native
from .tensorrt import *  # noqa: F401,F403
from .plugins import (DimsExprs, IPluginCapability, IPluginCreatorV3One, IPluginV3, IPluginV3OneBuild,  # noqa: F401
                      IPluginV3OneBuildV2, IPluginV3OneCore, IPluginV3OneRuntime)

__version__ = _native.__version__


class Dims(tuple):
    """Extents of a tensor; -1 stands for one that varies."""

    MAX_DIMS = 8

    def __new__(cls, *args):
        extents = tuple(args[0]) if len(args) == 1 and hasattr(args[0], "__iter__") else args
        rank = getattr(cls, "_rank", None)
        if rank is not None and not args:
            extents = (0,) * rank
        if rank is not None and len(extents) != rank:
            raise ValueError(f"{cls.__name__} has {rank} extents, not {len(extents)}")
        if len(extents) > cls.MAX_DIMS:
            raise ValueError(f"a shape has at most {cls.MAX_DIMS} dimensions")
        return super().__new__(cls, map(_operator.index, extents))


class Dims2(Dims):
    """Two extents."""

    _rank = 2


class DimsHW(Dims2):
    """Height and width."""

    h = property(_operator.itemgetter(0))
    w = property(_operator.itemgetter(1))


class Dims3(Dims):
    """Three extents."""

    _rank = 3


class Dims4(Dims):
    """Four extents."""

    _rank = 4


class PluginFieldCollection(list):
    """PluginField objects."""


_native._set_dims_class(Dims)
_native._set_plugin_classes(PluginFieldCollection, DimsExprs)
_atexit.register(_native._forget)
_atexit.register(_native._forget_plugin_classes)

float32 = DataType.FLOAT  # noqa: F405
float16 = DataType.HALF  # noqa: F405
bfloat16 = DataType.BF16  # noqa: F405
int8 = DataType.INT8  # noqa: F405
int32 = DataType.INT32  # noqa: F405
int64 = DataType.INT64  # noqa: F405
uint8 = DataType.UINT8  # noqa: F405
bool = DataType.BOOL  # noqa: F405,A001
fp8 = DataType.FP8  # noqa: F405
int4 = DataType.INT4  # noqa: F405
fp4 = DataType.FP4  # noqa: F405
e8m0 = DataType.E8M0  # noqa: F405

ResizeMode = InterpolationMode  # noqa: F405


def volume(shape):
    """Number of elements of a shape; 1 for a scalar."""
    return _functools.reduce(_operator.mul, shape, 1)


def nptype(trt_type):
    """The numpy type with the same elements. Errors: TypeError for types that numpy cannot hold."""
    import numpy as np

    known = {
        float32: np.float32, float16: np.float16, int8: np.int8, int32: np.int32, int64: np.int64,
        uint8: np.uint8, bool: np.bool_,
    }
    if trt_type in known:
        return known[trt_type]
    try:
        import ml_dtypes
    except ImportError:
        ml_dtypes = None
    if ml_dtypes is not None:
        more = {bfloat16: ml_dtypes.bfloat16, fp8: ml_dtypes.float8_e4m3fn, int4: ml_dtypes.int4}
        if trt_type in more:
            return more[trt_type]
    raise TypeError(f"no numpy type corresponds to {trt_type}")


def _itemsize(self):
    """Bytes of an element; 0.5 for types of four bits."""
    sizes = {float32: 4, float16: 2, bfloat16: 2, int8: 1, int32: 4, int64: 8, uint8: 1, bool: 1, fp8: 1, int4: 0.5,
             fp4: 0.5, e8m0: 1}
    return sizes[self]


DataType.itemsize = property(_itemsize)  # noqa: F405


def _context(cls):
    # Objects are freed when the last reference goes, as always in Python; `with` only marks a scope.
    cls.__enter__ = lambda self: self
    cls.__exit__ = lambda self, *args: None


for _cls in (Builder, INetworkDefinition, IBuilderConfig, OnnxParser, OnnxParserRefitter, Runtime, Refitter,  # noqa: F405
             ICudaEngine, IExecutionContext, IHostMemory, ITimingCache, EngineInspector):  # noqa: F405
    _context(_cls)
