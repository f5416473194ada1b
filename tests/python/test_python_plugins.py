# SPDX-License-Identifier: Apache-2.0
"""Plugins written in Python, and creators as Python sees them."""

import ctypes

import numpy as np
import pytest
import tensorrt as trt


def array(address, dims):
    count = int(np.prod(dims, dtype=np.int64))
    return np.ctypeslib.as_array((ctypes.c_float * max(count, 1)).from_address(address))[:count].reshape(tuple(dims))


class Pad(trt.IPluginV3, trt.IPluginV3OneCore, trt.IPluginV3OneBuild, trt.IPluginV3OneRuntime):
    """Columns of a number behind a matrix."""

    live = 0

    def __init__(self, fc=None):
        trt.IPluginV3.__init__(self)
        trt.IPluginV3OneCore.__init__(self)
        trt.IPluginV3OneBuild.__init__(self)
        trt.IPluginV3OneRuntime.__init__(self)
        self.plugin_name, self.plugin_version, self.plugin_namespace = "PyPad", "1", ""
        self.num_outputs = 1
        self.columns, self.value, self.wrong = 1, 0.0, ""
        for f in fc or ():
            if f.name == "columns":
                self.columns = int(f.data[0])
            if f.name == "value":
                self.value = float(f.data[0])
            if f.name == "wrong" and f.size:
                self.wrong = bytes(f.data).decode()
        self.asked = []

    def get_output_data_types(self, input_types):
        if self.wrong == "types":
            raise ValueError("no types")
        return [input_types[0]]

    def get_output_shapes(self, inputs, shape_inputs, exprBuilder):
        if self.wrong == "shapes":
            return []
        out = trt.DimsExprs(inputs[0])
        out[1] = exprBuilder.operation(trt.DimensionOperation.SUM, inputs[0][1], exprBuilder.constant(self.columns))
        if self.wrong == "none":
            out[0] = None
        return [out]

    def supports_format_combination(self, pos, in_out, num_inputs):
        assert num_inputs == 1 and len(in_out) == 2
        return self.wrong != "formats" and in_out[pos].desc.type == trt.float32 and \
            in_out[pos].desc.format == trt.TensorFormat.LINEAR

    def configure_plugin(self, inp, out):
        assert inp[0].min[0] <= inp[0].opt[0] <= inp[0].max[0]
        return 5 if self.wrong == "configure" else None

    def get_workspace_size(self, inp, out):
        return 4 * inp[0].desc.dims[1]

    def get_valid_tactics(self):
        return [3] if self.wrong == "enqueue" else [3, 4]  # one is not tried before the engine runs

    def set_tactic(self, tactic):
        self.tactic = tactic

    def get_fields_to_serialize(self):
        return trt.PluginFieldCollection([
            trt.PluginField("columns", np.array([self.columns], np.int32), trt.PluginFieldType.INT32),
            trt.PluginField("value", np.array([self.value], np.float32), trt.PluginFieldType.FLOAT32),
            trt.PluginField("wrong", self.wrong.encode(), trt.PluginFieldType.CHAR)])

    def enqueue(self, input_desc, output_desc, inputs, outputs, workspace, stream):
        assert self.tactic in (3, 4) and workspace and stream == 0
        if self.wrong == "enqueue":
            raise RuntimeError("cannot")
        x, y = array(inputs[0], input_desc[0].dims), array(outputs[0], output_desc[0].dims)
        y[:, :x.shape[1]] = x
        y[:, x.shape[1]:] = self.value


class PadCreator(trt.IPluginCreatorV3One):
    def __init__(self, name="PyPad"):
        trt.IPluginCreatorV3One.__init__(self)
        self.name, self.plugin_version, self.plugin_namespace = name, "1", ""
        self.field_names = trt.PluginFieldCollection([
            trt.PluginField("columns", np.array([], np.int32), trt.PluginFieldType.INT32),
            trt.PluginField("value", np.array([], np.float32), trt.PluginFieldType.FLOAT32)])
        self.phases = []

    def create_plugin(self, name, fc, phase):
        self.phases.append(phase)
        return Pad(fc)


@pytest.fixture
def creator():
    c = PadCreator()
    registry = trt.get_plugin_registry()
    assert registry.register_creator(c, "")
    trt.set_plugin_traits("PyPad", "1", host=True)
    yield c
    assert registry.deregister_creator(c)
    assert not registry.deregister_creator(c)


class Messages(trt.ILogger):
    def __init__(self):
        trt.ILogger.__init__(self)
        self.text = ""

    def log(self, severity, text):
        if severity <= trt.ILogger.Severity.ERROR:
            self.text += text + "\n"


def build(log, plugin):
    builder = trt.Builder(log)
    network = builder.create_network(0)
    x = network.add_input("x", trt.float32, (-1, 3))
    layer = network.add_plugin_v3([x], [], plugin)
    if layer is None:
        return None
    layer.name = "special"
    layer.get_output(0).name = "y"
    network.mark_output(layer.get_output(0))
    config = builder.create_builder_config()
    profile = builder.create_optimization_profile()
    profile.set_shape("x", (1, 3), (2, 3), (4, 3))
    config.add_optimization_profile(profile)
    return builder.build_serialized_network(network, config)


def execute(log, plan, x):
    engine = trt.Runtime(log).deserialize_cuda_engine(plan)
    assert engine is not None, log.text
    context = engine.create_execution_context()
    assert context.set_input_shape("x", x.shape)
    y = np.full(tuple(context.get_tensor_shape("y")), 77, np.float32)
    context.set_tensor_address("x", x.ctypes.data)
    context.set_tensor_address("y", y.ctypes.data)
    return y if context.execute_async_v3(0) else None


def test_runs_serializes_and_comes_back(creator):
    log = Messages()
    plugin = Pad()
    plugin.columns, plugin.value = 2, 1.5
    plan = build(log, plugin)
    assert plan is not None, log.text
    for rows in (1, 4):
        x = np.arange(rows * 3, dtype=np.float32).reshape(rows, 3)
        y = execute(log, plan, x)
        np.testing.assert_array_equal(y, np.concatenate([x, np.full((rows, 2), 1.5, np.float32)], 1))
    assert creator.phases == [trt.TensorRTPhase.RUNTIME] * 2


def test_creators_are_objects_of_their_kind(creator):
    registry = trt.get_plugin_registry()
    assert registry.get_creator("PyPad", "1", "") is creator
    assert creator in registry.all_creators
    trt.init_libnvinfer_plugins(LOGGER, "")
    known = {(c.name, c.plugin_version) for c in registry.all_creators}
    assert {("PyPad", "1"), ("LReLU_TRT", "1"), ("ROIAlign_TRT", "1"), ("ROIAlign_TRT", "2")} <= known
    assert ("LReLU_TRT", "1") in {(c.name, c.plugin_version) for c in registry.plugin_creator_list}
    assert registry.get_creator("Nobody", "1", "") is None
    assert registry.get_plugin_creator("ROIAlign_TRT", "2", "") is None  # not of that kind
    for c in registry.all_creators:
        assert isinstance(c.plugin_namespace, str) and isinstance(c.field_names, trt.PluginFieldCollection)


LOGGER = trt.Logger(trt.Logger.ERROR)


@pytest.mark.parametrize("name, version", [("LReLU_TRT", "1"), ("ScatterElements", "2")])
def test_plugins_of_other_creators(name, version):
    trt.init_libnvinfer_plugins(LOGGER, "")
    c = trt.get_plugin_registry().get_creator(name, version, "")
    builder = trt.Builder(LOGGER)
    network = builder.create_network(0)
    x = network.add_input("x", trt.float32, (2, 3))
    if name == "LReLU_TRT":
        assert [f.name for f in c.field_names] == ["negSlope"]
        plugin = c.create_plugin("p", trt.PluginFieldCollection([trt.PluginField("negSlope", np.array([0.5], np.float32))]))
        assert plugin.plugin_type == name and plugin.num_outputs == 1
        assert len(plugin.serialize()) == plugin.serialization_size
        again = c.deserialize_plugin("p", plugin.serialize())
        assert again.serialize() == plugin.serialize() == plugin.clone().serialize()
        assert c.deserialize_plugin("p", b"\xff\xff\xff") is None
        layer = network.add_plugin_v2([x], plugin)
    else:
        i = network.add_constant((1, 3), np.array([[1, 0, 1]], np.int32)).get_output(0)
        u = network.add_constant((1, 3), np.array([[5, 6, 7]], np.float32)).get_output(0)
        plugin = c.create_plugin("p", trt.PluginFieldCollection(), trt.TensorRTPhase.BUILD)
        layer = network.add_plugin_v3([x, i, u], [], plugin)
    layer.get_output(0).name = "y"
    network.mark_output(layer.get_output(0))
    plan = builder.build_serialized_network(network, builder.create_builder_config())
    data = np.array([[-1, 2, -3], [4, -5, 6]], np.float32)
    want = np.where(data < 0, data / 2, data)
    if name != "LReLU_TRT":
        want = data.copy()
        want[[1, 0, 1], [0, 1, 2]] = [5, 6, 7]
    np.testing.assert_array_equal(execute(Messages(), plan, data), want)


@pytest.mark.parametrize("wrong, told", [("types", "getOutputDataTypes() answers -1"),
                                         ("shapes", "getOutputShapes() answers -1"), ("none", "PyPad"),
                                         ("formats", "no combination of formats"),
                                         ("configure", "configurePlugin() answers 5")])
def test_what_goes_wrong_is_an_error(creator, wrong, told, capfd):
    log = Messages()
    plugin = Pad()
    plugin.wrong = wrong
    assert build(log, plugin) is None
    assert told in log.text and "PyPad" in log.text, log.text


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_enqueue_raises_is_an_error(creator):
    log = Messages()
    plugin = Pad()
    plugin.wrong = "enqueue"
    plan = build(log, plugin)
    assert plan is not None, log.text
    assert execute(log, plan, np.zeros((1, 3), np.float32)) is None
    assert "enqueue() answers -1" in log.text and "special" in log.text


def test_wrong_calls():
    network = trt.Builder(LOGGER).create_network(0)
    x = network.add_input("x", trt.float32, (2, 3))
    with pytest.raises(TypeError):
        network.add_plugin_v3([x], [], object())
    with pytest.raises(TypeError):
        trt.get_plugin_registry().register_creator(object(), "")
    with pytest.raises(TypeError):
        network.add_plugin_v2([x], Pad())
    with pytest.raises(ValueError):
        trt.set_plugin_traits("", "1", host=True)
    with pytest.raises(ValueError):
        trt.set_plugin_traits("Name", "1")
    assert not trt.get_plugin_registry().deregister_creator(PadCreator("Nobody"))
    base = trt.IPluginV3OneBuild()
    for call in (base.get_output_data_types, ):
        with pytest.raises(NotImplementedError):
            call([])


def test_a_plugin_without_inputs():
    trt.init_libnvinfer_plugins(LOGGER, "")
    c = trt.get_plugin_registry().get_creator("GridAnchor_TRT", "1", "")
    fields = {"numLayers": np.array([1], np.int32), "aspectRatios": np.array([1], np.float32),
              "featureMapShapes": np.array([2], np.int32)}
    plugin = c.create_plugin("p", trt.PluginFieldCollection([trt.PluginField(k, v) for k, v in fields.items()]))
    builder = trt.Builder(LOGGER)
    network = builder.create_network(0)
    layer = network.add_plugin_v2([], plugin)
    y = network.add_elementwise(layer.get_output(0), network.add_input("x", trt.float32, (1, 2, 48, 1)),
                                trt.ElementWiseOperation.SUM).get_output(0)
    y.name = "y"
    network.mark_output(y)
    plan = builder.build_serialized_network(network, builder.create_builder_config())
    priors = execute(Messages(), plan, np.zeros((1, 2, 48, 1), np.float32))
    np.testing.assert_allclose(priors[0, 0, :4, 0], [0.2, 0.2, 0.3, 0.3], atol=1e-6)
