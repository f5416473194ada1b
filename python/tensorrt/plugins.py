# SPDX-License-Identifier: Apache-2.0
"""What plugins in Python are made of. A plugin is usually one class that derives from IPluginV3 and the three facets:

    class Double(trt.IPluginV3, trt.IPluginV3OneCore, trt.IPluginV3OneBuild, trt.IPluginV3OneRuntime):
        ...

and its creator one that derives from IPluginCreatorV3One. Addresses in enqueue() are integers; on the CPU numpy reads
and writes them through ctypes. ``set_plugin_traits(name, version, host=True)`` says that a plugin works on the CPU.
"""


class IPluginCapability:
    """A facet of a plugin."""

    def __init__(self, *args):
        pass


class IPluginV3(IPluginCapability):
    """A plugin. get_capability_interface(type) answers the object that has a facet's methods, or None."""

    def get_capability_interface(self, type):
        return self

    def clone(self):
        """A copy with the same attributes."""
        copy = type(self).__new__(type(self))
        copy.__dict__.update(self.__dict__)
        return copy


class IPluginV3OneCore(IPluginCapability):
    """Whose plugin it is."""

    plugin_name = ""
    plugin_version = "1"
    plugin_namespace = ""


class IPluginV3OneBuild(IPluginCapability):
    """What the builder asks."""

    num_outputs = 1
    format_combination_limit = 100
    timing_cache_id = None
    metadata_string = None

    def configure_plugin(self, inp, out):
        pass

    def get_output_data_types(self, input_types):
        raise NotImplementedError("get_output_data_types")

    def get_output_shapes(self, inputs, shape_inputs, exprBuilder):
        raise NotImplementedError("get_output_shapes")

    def supports_format_combination(self, pos, in_out, num_inputs):
        raise NotImplementedError("supports_format_combination")

    def get_workspace_size(self, inp, out):
        return 0

    def get_valid_tactics(self):
        return []


class IPluginV3OneBuildV2(IPluginV3OneBuild):
    """The same, of a plugin whose outputs may share an input's memory."""

    def get_aliased_input(self, output_index):
        return -1


class IPluginV3OneRuntime(IPluginCapability):
    """What an execution context asks."""

    def set_tactic(self, tactic):
        pass

    def on_shape_change(self, inp, out):
        pass

    def enqueue(self, input_desc, output_desc, inputs, outputs, workspace, stream):
        raise NotImplementedError("enqueue")

    def attach_to_context(self, resource_context):
        return self.clone()

    def get_fields_to_serialize(self):
        return []


class IPluginCreatorV3One:
    """Makes plugins: has name, plugin_version, plugin_namespace, field_names and create_plugin(name, fc, phase)."""

    name = ""
    plugin_version = "1"
    plugin_namespace = ""
    field_names = ()

    def __init__(self, *args):
        pass

    def create_plugin(self, name, fc, phase):
        raise NotImplementedError("create_plugin")


class DimsExprs(list):
    """Extents as IDimensionExpr objects: a copy of others, or so many to be filled in."""

    def __init__(self, extents=()):
        super().__init__([None] * extents if isinstance(extents, int) else extents)
