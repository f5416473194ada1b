"""Two ways to run an ONNX model here: by the built engine (the `tensorrt` module), or by the reference kernels
(build/tests/onnx_reference), which needs neither builder nor runtime.

Both have run(model: bytes, inputs: {name: array}) -> [(name, array)]; what the parser refuses is Unsupported."""
import os
import pathlib
import struct
import subprocess

import ml_dtypes
import numpy as np

# nvinfer1::DataType by value.
TYPES = [np.dtype(t) for t in (np.float32, np.float16, np.int8, np.int32, np.bool_, np.uint8, ml_dtypes.float8_e4m3fn,
                               ml_dtypes.bfloat16, np.int64, ml_dtypes.int4, ml_dtypes.float4_e2m1fn,
                               ml_dtypes.float8_e8m0fnu)]
SUB_BYTE = {TYPES[9], TYPES[10]}


class Unsupported(Exception):
    """The parser refused the model; the text is its errors."""


def to_bytes(array):
    """Elements as a network takes them: contiguous, two to a byte where they have four bits."""
    if array.dtype not in SUB_BYTE:
        return np.ascontiguousarray(array).tobytes()
    nibbles = np.ascontiguousarray(array).reshape(-1).view(np.uint8) & 15
    if nibbles.size % 2:
        nibbles = np.append(nibbles, np.uint8(0))
    return (nibbles[0::2] | nibbles[1::2] << 4).tobytes()


def from_bytes(data, dtype, dims):
    if dtype not in SUB_BYTE:
        return np.frombuffer(data, dtype).reshape(dims)
    packed = np.frombuffer(data, np.uint8)
    nibbles = np.stack([packed & 15, packed >> 4], axis=1).reshape(-1)[:int(np.prod(dims))]
    if dtype == TYPES[9]:
        return ((nibbles.astype(np.int8) ^ 8) - 8).astype(dtype).reshape(dims)
    return nibbles.view(dtype).reshape(dims)


class ReferenceRunner:
    """Talks to one onnx_reference process; starts another one when that has died, which is an error of the request."""

    def __init__(self, program):
        self.program = str(program)
        self.process = None

    def run(self, model, inputs):
        if self.process is None:
            self.process = subprocess.Popen([self.program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        request = [self._text(model), struct.pack("<q", len(inputs))]
        for name, array in inputs.items():
            request += [self._text(name.encode()), struct.pack("<qq", TYPES.index(array.dtype), array.ndim),
                        struct.pack(f"<{array.ndim}q", *array.shape), self._text(to_bytes(array))]
        try:
            self.process.stdin.write(b"".join(request))
            self.process.stdin.flush()
            status = self._number()
            if status:
                text = self._read(self._number()).decode(errors="replace")
                raise Unsupported(text) if status == 1 else RuntimeError(text)
            out = []
            for _ in range(self._number()):
                name = self._read(self._number()).decode()
                dtype = TYPES[self._number()]
                dims = [self._number() for _ in range(self._number())]
                out.append((name, from_bytes(self._read(self._number()), dtype, dims)))
            return out
        except (EOFError, BrokenPipeError):
            code = self.process.wait()
            self.process = None
            raise RuntimeError(f"onnx_reference ended with status {code}") from None

    @staticmethod
    def _text(data):
        return struct.pack("<q", len(data)) + data

    def _read(self, size):
        data = self.process.stdout.read(size)
        if len(data) != size:
            raise EOFError
        return data

    def _number(self):
        return struct.unpack("<q", self._read(8))[0]

    def close(self):
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait()
            self.process = None


class EngineRunner:
    """Parses, builds at a low optimization level, deserializes and runs, in this process."""

    def __init__(self, level=0):
        import tensorrt as trt
        self.trt = trt
        self.level = level
        self.logger = make_logger(trt)
        self.builder = trt.Builder(self.logger)
        self.runtime = trt.Runtime(self.logger)

    def build(self, model, extents):
        """The engine of a model; `extents` has {input: (least, most)} shapes, or {input: array} with fixed ones."""
        trt = self.trt
        network = self.builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
        parser = trt.OnnxParser(network, self.logger)
        if not parser.parse(model):
            raise Unsupported("\n".join(str(parser.get_error(i)) for i in range(parser.num_errors)))
        config = self.builder.create_builder_config()
        config.builder_optimization_level = self.level
        profile = self.builder.create_optimization_profile()
        for i in range(network.num_inputs):
            tensor = network.get_input(i)
            given = extents.get(tensor.name, np.zeros([max(d, 0) for d in tensor.shape]))
            if isinstance(given, np.ndarray):
                if tensor.is_shape_tensor:
                    flat = [int(v) for v in given.reshape(-1)]
                    profile.set_shape_input(tensor.name, flat, flat, flat)
                given = (given.shape, given.shape)
            elif tensor.is_shape_tensor:
                n = int(np.prod(given[0]))
                profile.set_shape_input(tensor.name, [-(1 << 20)] * n, [1] * n, [1 << 20] * n)
            if -1 in tuple(tensor.shape):
                profile.set_shape(tensor.name, tuple(given[0]), tuple(given[1]), tuple(given[1]))
        config.add_optimization_profile(profile)
        plan = self.builder.build_serialized_network(network, config)
        if plan is None:
            raise RuntimeError("the engine could not be built: " + self.logger.last)
        engine = self.runtime.deserialize_cuda_engine(plan)
        if engine is None:
            raise RuntimeError("the engine could not be read: " + self.logger.last)
        return BuiltEngine(trt, engine, self.logger)

    def run(self, model, inputs, slack=0):
        """`slack` is what a profile's upper end has beyond the inputs' extents, where they may vary."""
        extents = inputs
        if slack:
            extents = {n: (a.shape, tuple(d + slack for d in a.shape)) for n, a in inputs.items()}
        return self.build(model, extents).run(inputs)


class BuiltEngine:
    def __init__(self, trt, engine, logger):
        self.trt, self.engine, self.logger = trt, engine, logger
        self.context = engine.create_execution_context()

    def run(self, inputs):
        try:
            return context_run(self.trt, self.engine, self.context, inputs)
        except RuntimeError as error:
            raise RuntimeError(f"{error}: {self.logger.last}") from None


def make_logger(trt):
    """A logger that keeps the last error instead of printing it."""
    class Log(trt.ILogger):
        def __init__(self):
            super().__init__()
            self.last = ""

        def log(self, severity, msg):
            if severity <= trt.ILogger.Severity.ERROR:
                self.last = msg

    return Log()


def context_run(trt, engine, context, inputs):
    """Runs an engine of the host's device domain on numpy arrays; outputs of unknown size come by an allocator."""

    class Output(trt.IOutputAllocator):
        def __init__(self):
            super().__init__()
            self.buffer, self.shape = np.empty(1, np.uint8), None

        def reallocate_output(self, name, memory, size, alignment):
            self.buffer = np.empty(max(int(size), 1), np.uint8)
            return self.buffer.ctypes.data

        def reallocate_output_async(self, name, memory, size, alignment, stream):
            return self.reallocate_output(name, memory, size, alignment)

        def notify_shape(self, name, shape):
            self.shape = tuple(shape)

    kept, outputs = [], {}
    for i in range(engine.num_io_tensors):
        name = engine.get_tensor_name(i)
        if engine.get_tensor_mode(name) == trt.TensorIOMode.INPUT:
            data = np.frombuffer(to_bytes(inputs[name]) or b"\0", np.uint8)
            kept.append(data)
            if not context.set_input_shape(name, inputs[name].shape):
                raise RuntimeError(f"the shape of input {name} was refused")
            context.set_tensor_address(name, data.ctypes.data)
        else:
            outputs[name] = Output()
            context.set_output_allocator(name, outputs[name])
    if not context.execute_async_v3(0):
        raise RuntimeError("the execution failed")
    result = []
    for name, output in outputs.items():
        dtype = TYPES[int(engine.get_tensor_dtype(name))]
        shape = output.shape if output.shape is not None else tuple(context.get_tensor_shape(name))
        count = int(np.prod(shape))
        size = (count + 1) // 2 if dtype in SUB_BYTE else count * dtype.itemsize
        result.append((name, from_bytes(output.buffer[:size].tobytes(), dtype, shape)))
    return result


def make_runner():
    """By LATHE_ONNX_RUNNER: "engine", or "reference" (the default where there is no `tensorrt` module)."""
    wanted = os.environ.get("LATHE_ONNX_RUNNER", "")
    program = pathlib.Path(__file__).resolve().parents[2] / "build/tests/onnx_reference"
    if wanted != "reference":
        try:
            return EngineRunner()
        except ImportError:
            if wanted == "engine":
                raise
    if not program.exists():
        return None
    return ReferenceRunner(program)
