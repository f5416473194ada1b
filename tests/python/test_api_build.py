# SPDX-License-Identifier: Apache-2.0
"""Configurations, profiles, timing caches, calibrators, monitors, recorders, streams of bytes."""
import json
import pathlib

import numpy as np
import pytest

trt = pytest.importorskip("tensorrt", reason="the Python module is not built (PYTHONPATH=build/python)")

DIGITS = pathlib.Path(__file__).resolve().parents[2] / "samples" / "data" / "digits.onnx"


class Log(trt.ILogger):
    """Keeps what it is told, by severity."""

    def __init__(self):
        super().__init__()
        self.errors, self.verbose = [], []

    def log(self, severity, msg):
        if severity <= trt.ILogger.Severity.ERROR:
            self.errors.append(msg)
        elif severity == trt.ILogger.Severity.VERBOSE:
            self.verbose.append(msg)


def prepare(log, level=1):
    builder = trt.Builder(log)
    network = builder.create_network(0)
    parser = trt.OnnxParser(network, log)
    assert parser.parse(DIGITS.read_bytes()), log.errors
    config = builder.create_builder_config()
    config.builder_optimization_level = level
    profile = builder.create_optimization_profile()
    profile.set_shape("images", (1, 1, 8, 8), (4, 1, 8, 8), (16, 1, 8, 8))
    config.add_optimization_profile(profile)
    return builder, network, config


def test_config_properties():
    builder = trt.Builder(trt.Logger(trt.Logger.ERROR))
    config = builder.create_builder_config()
    config.set_flag(trt.BuilderFlag.REFIT)
    assert config.get_flag(trt.BuilderFlag.REFIT) and config.flags & (1 << int(trt.BuilderFlag.REFIT))
    config.clear_flag(trt.BuilderFlag.REFIT)
    assert not config.get_flag(trt.BuilderFlag.REFIT)
    config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, 1 << 20)
    assert config.get_memory_pool_limit(trt.MemoryPoolType.WORKSPACE) == 1 << 20
    config.profiling_verbosity = trt.ProfilingVerbosity.DETAILED
    config.hardware_compatibility_level = trt.HardwareCompatibilityLevel.AMPERE_PLUS
    config.tiling_optimization_level = trt.TilingOptimizationLevel.FAST
    config.max_aux_streams = 3
    config.plugins_to_serialize = ["a.so", "b.so"]
    assert config.plugins_to_serialize == ["a.so", "b.so"]
    assert (config.profiling_verbosity, config.max_aux_streams) == (trt.ProfilingVerbosity.DETAILED, 3)
    assert config.hardware_compatibility_level == trt.HardwareCompatibilityLevel.AMPERE_PLUS
    assert config.tiling_optimization_level == trt.TilingOptimizationLevel.FAST
    assert config.default_device_type == trt.DeviceType.GPU
    assert config.int8_calibrator is None and config.progress_monitor is None


def test_profiles():
    builder = trt.Builder(trt.Logger(trt.Logger.INTERNAL_ERROR))
    profile = builder.create_optimization_profile()
    profile.set_shape("x", (1, 2), (3, 2), (5, 2))
    assert [tuple(s) for s in profile.get_shape("x")] == [(1, 2), (3, 2), (5, 2)]
    profile.set_shape_input("s", [1], [2], [3])
    assert profile.get_shape_input("s") == [[1], [2], [3]]
    with pytest.raises(ValueError):
        profile.set_shape("x", (1, 2), (3,), (5, 2))
    with pytest.raises(TypeError):
        profile.set_shape("x", None, (3, 2), (5, 2))


def test_error_recorder_receives_errors():
    class Recorder(trt.IErrorRecorder):
        """A list of errors."""

        def __init__(self):
            super().__init__()
            self.list = []

        def num_errors(self):
            return len(self.list)

        def get_error_code(self, i):
            return self.list[i][0]

        def get_error_desc(self, i):
            return self.list[i][1]

        def has_overflowed(self):
            return False

        def clear(self):
            self.list.clear()

        def report_error(self, code, desc):
            self.list.append((code, desc))
            return False

    log, recorder = Log(), Recorder()
    builder = trt.Builder(log)
    builder.error_recorder = recorder
    network = builder.create_network(0)
    assert builder.build_serialized_network(network, builder.create_builder_config()) is None
    assert recorder.list and recorder.list[-1][0] == trt.ErrorCodeTRT.INVALID_STATE and "no outputs" in recorder.list[-1][1]
    assert builder.error_recorder is recorder
    builder.error_recorder = None
    assert builder.error_recorder is None


def test_progress_monitor_sees_phases_and_cancels():
    class Monitor(trt.IProgressMonitor):
        """Cancels after `most` steps."""

        def __init__(self, most):
            super().__init__()
            self.most, self.events = most, []

        def phase_start(self, phase_name, parent_phase, num_steps):
            self.events.append(("start", phase_name, parent_phase, num_steps))

        def step_complete(self, phase_name, step):
            self.events.append(("step", phase_name, step))
            self.most -= 1
            return self.most > 0

        def phase_finish(self, phase_name):
            self.events.append(("finish", phase_name))

    log = Log()
    builder, network, config = prepare(log, level=0)
    monitor = Monitor(1000)
    config.progress_monitor = monitor
    assert builder.build_serialized_network(network, config) is not None
    starts = [e for e in monitor.events if e[0] == "start"]
    assert starts[0][2] is None and any(e[2] == starts[0][1] for e in starts[1:])
    for _, name, _, steps in starts:
        done = [e[2] for e in monitor.events if e[:2] == ("step", name)]
        assert done == list(range(len(done))) and len(done) <= steps
        assert ("finish", name) in monitor.events
    cancelling = Monitor(2)
    config.progress_monitor = cancelling
    assert builder.build_serialized_network(network, config) is None
    assert "cancelled" in log.errors[-1]


def test_stream_writer_and_readers():
    class Writer(trt.IStreamWriter):
        """Collects bytes."""

        def __init__(self):
            super().__init__()
            self.data = b""

        def write(self, data):
            self.data += bytes(data)
            return len(data)

    class Reader(trt.IStreamReader):
        """Hands out bytes front to back."""

        def __init__(self, data):
            super().__init__()
            self.data, self.at = data, 0

        def read(self, size):
            part = self.data[self.at:self.at + size]
            self.at += len(part)
            return part

    class ReaderV2(trt.IStreamReaderV2):
        """The same with seeking."""

        def __init__(self, data):
            super().__init__()
            self.data, self.at = data, 0

        def read(self, num_bytes, stream):
            part = self.data[self.at:self.at + num_bytes]
            self.at += len(part)
            return part

        def seek(self, offset, where):
            base = {trt.SeekPosition.SET: 0, trt.SeekPosition.CUR: self.at, trt.SeekPosition.END: len(self.data)}[where]
            self.at = base + offset
            return True

    log = Log()
    builder, network, config = prepare(log, level=0)
    writer = Writer()
    assert builder.build_serialized_network_to_stream(network, config, writer), log.errors
    runtime = trt.Runtime(log)
    for source in (Reader(writer.data), ReaderV2(writer.data), writer.data, memoryview(writer.data)):
        engine = runtime.deserialize_cuda_engine(source)
        assert engine is not None and engine.num_io_tensors == 2, log.errors
    assert runtime.deserialize_cuda_engine(Reader(writer.data[:100])) is None
    with pytest.raises(TypeError):
        runtime.deserialize_cuda_engine(12)


def test_timing_cache_keys():
    log = Log()
    builder, network, config = prepare(log)
    config.set_timing_cache(config.create_timing_cache(b""), False)
    assert builder.build_serialized_network(network, config) is not None
    cache = config.get_timing_cache()
    keys = cache.query_keys()
    assert keys and str(trt.TimingCacheKey.parse(str(keys[0]))) == str(keys[0])
    value = cache.query(keys[0])
    assert value.tactic_hash != trt.TimingCacheValue.INVALID_TACTIC_HASH and value.timing_msec >= 0
    assert cache.update(keys[0], trt.TimingCacheValue(value.tactic_hash, 5.0)) and cache.query(keys[0]).timing_msec == 5.0
    copy = config.create_timing_cache(cache.serialize())
    assert len(copy.query_keys()) == len(keys)
    assert config.create_timing_cache(b"nonsense, not a cache") is None or log.errors


def test_inspector_json_and_profiler():
    class Profiler(trt.IProfiler):
        """Adds up times."""

        def __init__(self):
            super().__init__()
            self.times = {}

        def report_layer_time(self, layer_name, ms):
            self.times[layer_name] = self.times.get(layer_name, 0) + ms

    log = Log()
    builder, network, config = prepare(log)
    config.profiling_verbosity = trt.ProfilingVerbosity.DETAILED
    engine = trt.Runtime(log).deserialize_cuda_engine(builder.build_serialized_network(network, config))
    inspector = engine.create_engine_inspector()
    context = engine.create_execution_context()
    context.set_input_shape("images", (2, 1, 8, 8))
    inspector.execution_context = context
    info = json.loads(inspector.get_engine_information(trt.LayerInformationFormat.JSON))
    assert info["Bindings"] == ["images", "probabilities"]
    assert len(info["Layers"]) == engine.num_layers
    for layer in info["Layers"]:
        assert {"Name", "LayerType", "Inputs", "Outputs", "TacticName", "TacticValue", "StreamId", "Metadata"} <= set(layer)
        for tensor in layer["Inputs"] + layer["Outputs"]:
            assert {"Name", "Dimensions", "Format/Datatype"} <= set(tensor) and -1 not in tensor["Dimensions"]
    assert any("[ONNX Layer: " in layer["Metadata"] for layer in info["Layers"])
    assert json.loads(inspector.get_layer_information(0, trt.LayerInformationFormat.JSON)) == info["Layers"][0]
    with pytest.raises(IndexError):
        inspector.get_layer_information(999, trt.LayerInformationFormat.JSON)
    profiler = Profiler()
    context.profiler = profiler
    x, y = np.zeros((2, 1, 8, 8), np.float32), np.zeros((2, 10), np.float32)
    context.set_tensor_address("images", x.ctypes.data)
    context.set_tensor_address("probabilities", y.ctypes.data)
    assert context.execute_async_v3(0)
    assert set(profiler.times) == {layer["Name"] for layer in info["Layers"]} and all(t >= 0 for t in profiler.times.values())
    assert context.engine is engine
    with pytest.raises(ValueError):
        context.execute_v2([x.ctypes.data])
    assert context.execute_v2([x.ctypes.data, y.ctypes.data])


def test_calibrators_can_be_subclassed():
    class Calibrator(trt.IInt8EntropyCalibrator2):
        """No data."""

        def get_batch_size(self):
            return 1

        def get_batch(self, names):
            return None

        def read_calibration_cache(self):
            return None

        def write_calibration_cache(self, cache):
            pass

    calibrator = Calibrator()
    assert calibrator.get_algorithm() == trt.CalibrationAlgoType.ENTROPY_CALIBRATION_2
    assert calibrator.api_language == trt.APILanguage.PYTHON and calibrator.interface_info.kind == "IInt8EntropyCalibrator2"
    config = trt.Builder(trt.Logger(trt.Logger.ERROR)).create_builder_config()
    config.int8_calibrator = calibrator
    assert config.int8_calibrator is calibrator


def test_plugin_registry():
    registry = trt.get_plugin_registry()
    assert isinstance(registry.all_creators, list) and isinstance(registry.plugin_creator_list, list)
    assert registry.get_creator("NoSuchPlugin", "1", "") is None
    field = trt.PluginField("alpha", np.array([1.5], np.float32))
    assert (field.type, field.size) == (trt.PluginFieldType.FLOAT32, 1)
    assert isinstance(trt.init_libnvinfer_plugins(None, ""), bool)


def test_parser_errors_are_told():
    log = Log()
    network = trt.Builder(log).create_network(0)
    parser = trt.OnnxParser(network, log)
    assert not parser.parse(b"\x00garbage")
    assert parser.num_errors >= 1 and parser.get_error(0).desc() and parser.get_error(0).code() != trt.ErrorCode.SUCCESS
    with pytest.raises(IndexError):
        parser.get_error(99)
    parser.clear_errors()
    assert parser.num_errors == 0
    assert parser.supports_operator("Conv") and not parser.supports_operator("NoSuchOperator")
