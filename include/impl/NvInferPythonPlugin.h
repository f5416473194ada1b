// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "NvInfer.h"

namespace nvinfer1 {

//! Kind of an extra argument of a kernel.
enum class PluginArgType : int32_t {
    kINT = 0,  //!< An integer.
};

//! Width of an integer argument.
enum class PluginArgDataType : int32_t {
    kINT8 = 0,   //!< 8 bits, signed.
    kINT16 = 1,  //!< 16 bits, signed.
    kINT32 = 2,  //!< 32 bits, signed.
};

//! A scalar expression over the input dimensions, kept by the Python side.
class ISymExpr {
  public:
    //! Kind of the value.
    virtual PluginArgType getType() const noexcept = 0;

    //! Width of the value.
    virtual PluginArgDataType getDataType() const noexcept = 0;

    //! The expression: an object of the side that made it, an IDimensionExpr.
    virtual void* getExpr() noexcept = 0;
};

//! What ISymExprs forwards to.
class ISymExprsImpl {
  public:
    //! Expression `index`; nullptr when out of range.
    virtual ISymExpr* getSymExpr(int32_t index) const noexcept = 0;

    //! Sets expression `index`. Returns false when out of range.
    virtual bool setSymExpr(int32_t index, ISymExpr* symExpr) noexcept = 0;

    //! Number of expressions.
    virtual int32_t getNbSymExprs() const noexcept = 0;

    //! Makes room for `count` expressions. Returns whether it succeeded.
    virtual bool setNbSymExprs(int32_t count) noexcept = 0;
    virtual ~ISymExprsImpl() noexcept = default;
};

//! A list of expressions, which a plugin fills in. Made by the library.
class ISymExprs {
  public:
    //! Expression `index`; nullptr when out of range.
    ISymExpr* getSymExpr(int32_t index) const noexcept { return mImpl->getSymExpr(index); }

    //! Sets expression `index`. Returns false when out of range.
    bool setSymExpr(int32_t index, ISymExpr* symExpr) noexcept { return mImpl->setSymExpr(index, symExpr); }

    //! Number of expressions.
    int32_t getNbSymExprs() const noexcept { return mImpl->getNbSymExprs(); }

    //! Makes room for `count` expressions. Returns whether it succeeded.
    bool setNbSymExprs(int32_t count) noexcept { return mImpl->setNbSymExprs(count); }

  protected:
    ISymExprsImpl* mImpl{nullptr};
    virtual ~ISymExprs() noexcept = default;
};

//! Which implementation of a Python plugin is wanted.
enum class QuickPluginCreationRequest : int32_t {
    kUNKNOWN = 0,     //!< Any.
    kPREFER_JIT = 1,  //!< The one that runs Python, if there is one.
    kPREFER_AOT = 2,  //!< The one compiled beforehand, if there is one.
    kSTRICT_JIT = 3,  //!< The one that runs Python, or failure.
    kSTRICT_AOT = 4,  //!< The one compiled beforehand, or failure.
};

//! What IKernelLaunchParams forwards to.
class IKernelLaunchParamsImpl {
  public:
    //! Number of blocks in x.
    virtual ISymExpr* getGridX() noexcept = 0;

    //! Number of blocks in x. Returns whether it succeeded.
    virtual bool setGridX(ISymExpr* gridX) noexcept = 0;

    //! Number of blocks in y.
    virtual ISymExpr* getGridY() noexcept = 0;

    //! Number of blocks in y. Returns whether it succeeded.
    virtual bool setGridY(ISymExpr* gridY) noexcept = 0;

    //! Number of blocks in z.
    virtual ISymExpr* getGridZ() noexcept = 0;

    //! Number of blocks in z. Returns whether it succeeded.
    virtual bool setGridZ(ISymExpr* gridZ) noexcept = 0;

    //! Number of threads of a block in x.
    virtual ISymExpr* getBlockX() noexcept = 0;

    //! Number of threads of a block in x. Returns whether it succeeded.
    virtual bool setBlockX(ISymExpr* blockX) noexcept = 0;

    //! Number of threads of a block in y.
    virtual ISymExpr* getBlockY() noexcept = 0;

    //! Number of threads of a block in y. Returns whether it succeeded.
    virtual bool setBlockY(ISymExpr* blockY) noexcept = 0;

    //! Number of threads of a block in z.
    virtual ISymExpr* getBlockZ() noexcept = 0;

    //! Number of threads of a block in z. Returns whether it succeeded.
    virtual bool setBlockZ(ISymExpr* blockZ) noexcept = 0;

    //! Bytes of dynamic shared memory of a block.
    virtual ISymExpr* getSharedMem() noexcept = 0;

    //! Bytes of dynamic shared memory of a block. Returns whether it succeeded.
    virtual bool setSharedMem(ISymExpr* sharedMem) noexcept = 0;
    virtual ~IKernelLaunchParamsImpl() noexcept = default;
};

//! Launch geometry of a kernel, which a plugin fills in. Made by the library.
class IKernelLaunchParams {
  public:
    //! Number of blocks in x.
    ISymExpr* getGridX() noexcept { return mImpl->getGridX(); }

    //! Number of blocks in x. Returns whether it succeeded.
    bool setGridX(ISymExpr* gridX) noexcept { return mImpl->setGridX(gridX); }

    //! Number of blocks in y.
    ISymExpr* getGridY() noexcept { return mImpl->getGridY(); }

    //! Number of blocks in y. Returns whether it succeeded.
    bool setGridY(ISymExpr* gridY) noexcept { return mImpl->setGridY(gridY); }

    //! Number of blocks in z.
    ISymExpr* getGridZ() noexcept { return mImpl->getGridZ(); }

    //! Number of blocks in z. Returns whether it succeeded.
    bool setGridZ(ISymExpr* gridZ) noexcept { return mImpl->setGridZ(gridZ); }

    //! Number of threads of a block in x.
    ISymExpr* getBlockX() noexcept { return mImpl->getBlockX(); }

    //! Number of threads of a block in x. Returns whether it succeeded.
    bool setBlockX(ISymExpr* blockX) noexcept { return mImpl->setBlockX(blockX); }

    //! Number of threads of a block in y.
    ISymExpr* getBlockY() noexcept { return mImpl->getBlockY(); }

    //! Number of threads of a block in y. Returns whether it succeeded.
    bool setBlockY(ISymExpr* blockY) noexcept { return mImpl->setBlockY(blockY); }

    //! Number of threads of a block in z.
    ISymExpr* getBlockZ() noexcept { return mImpl->getBlockZ(); }

    //! Number of threads of a block in z. Returns whether it succeeded.
    bool setBlockZ(ISymExpr* blockZ) noexcept { return mImpl->setBlockZ(blockZ); }

    //! Bytes of dynamic shared memory of a block.
    ISymExpr* getSharedMem() noexcept { return mImpl->getSharedMem(); }

    //! Bytes of dynamic shared memory of a block. Returns whether it succeeded.
    bool setSharedMem(ISymExpr* sharedMem) noexcept { return mImpl->setSharedMem(sharedMem); }

  protected:
    IKernelLaunchParamsImpl* mImpl{nullptr};
    virtual ~IKernelLaunchParams() noexcept = default;
};

namespace v_1_0 {

//! Identity of a quickly deployable plugin. For the Python bindings only, like all classes of this header.
class IPluginV3QuickCore : public IPluginCapability {
  public:
    //! Identifies the interface: kind "PLUGIN_V3QUICK_CORE", version 1.0.
    InterfaceInfo getInterfaceInfo() const noexcept override { return InterfaceInfo{"PLUGIN_V3QUICK_CORE", 1, 0}; }

    //! Name of the plugin type.
    virtual AsciiChar const* getPluginName() const noexcept = 0;

    //! Version of the plugin type.
    virtual AsciiChar const* getPluginVersion() const noexcept = 0;

    //! Namespace that the creator is registered in.
    virtual AsciiChar const* getPluginNamespace() const noexcept = 0;
};

//! What a quickly deployable plugin tells the builder. Methods with a body are optional.
class IPluginV3QuickBuild : public IPluginCapability {
  public:
    //! Identifies the interface: kind "PLUGIN_V3QUICK_BUILD", version 1.0.
    InterfaceInfo getInterfaceInfo() const noexcept override { return InterfaceInfo{"PLUGIN_V3QUICK_BUILD", 1, 0}; }

    //! Fills in the types of the outputs for these input types and ranks. 0 means success.
    virtual int32_t getOutputDataTypes(DataType* outputTypes, int32_t nbOutputs, DataType const* inputTypes,
                                       int32_t const* inputRanks, int32_t nbInputs) const noexcept = 0;

    //! Fills in the shapes of the outputs, as IPluginV3OneBuild::getOutputShapes() does. 0 means success.
    virtual int32_t getOutputShapes(DimsExprs const* inputs, int32_t nbInputs, DimsExprs const* shapeInputs,
                                    int32_t nbShapeInputs, DimsExprs* outputs, int32_t nbOutputs,
                                    IExprBuilder& exprBuilder) noexcept = 0;

    //! Tells formats and shapes, as IPluginV3OneBuild::configurePlugin() does. 0 means success.
    virtual int32_t configurePlugin(DynamicPluginTensorDesc const* in, int32_t nbInputs,
                                    DynamicPluginTensorDesc const* out, int32_t nbOutputs) noexcept = 0;

    //! Number of combinations that getSupportedFormatCombinations() will write.
    virtual int32_t getNbSupportedFormatCombinations(DynamicPluginTensorDesc const* inOut, int32_t nbInputs,
                                                     int32_t nbOutputs) noexcept = 0;

    //! Fills in all supported combinations, each of nbInputs + nbOutputs entries. 0 means success.
    virtual int32_t getSupportedFormatCombinations(DynamicPluginTensorDesc const* inOut, int32_t nbInputs,
                                                   int32_t nbOutputs, PluginTensorDesc* supportedCombinations,
                                                   int32_t nbFormatCombinations) noexcept = 0;

    //! Number of outputs, at least 1.
    virtual int32_t getNbOutputs() const noexcept = 0;

    //! Index of the input that output `outputIndex` updates in place, or -1 (the default).
    virtual int32_t getAliasedInput(int32_t /*outputIndex*/) noexcept { return -1; }

    //! Fills in the tactics for the combination given to the last configurePlugin(). 0 means success.
    virtual int32_t getValidTactics(int32_t* /*tactics*/, int32_t /*nbTactics*/) noexcept { return 0; }

    //! Number of tactics that getValidTactics() will write. Default 0.
    virtual int32_t getNbTactics() noexcept { return 0; }

    //! Suffix of the key in the timing cache; nullptr (the default) keeps the plugin out of it.
    virtual char const* getTimingCacheID() noexcept { return nullptr; }

    //! A description of the plugin's attributes for engine inspectors, or nullptr.
    virtual char const* getMetadataString() noexcept { return nullptr; }
};

//! IPluginV3QuickBuild of a plugin whose kernel is compiled during the build and runs without Python.
class IPluginV3QuickAOTBuild : public IPluginV3QuickBuild {
  public:
    //! Identifies the interface: kind "PLUGIN_V3QUICKAOT_BUILD", version 1.0.
    InterfaceInfo getInterfaceInfo() const noexcept override { return InterfaceInfo{"PLUGIN_V3QUICKAOT_BUILD", 1, 0}; }

    //! Fills in launch geometry and extra arguments as expressions over the input dimensions, for the tactic of the
    //! last setTactic(). 0 means success.
    virtual int32_t getLaunchParams(DimsExprs const* inputs, DynamicPluginTensorDesc const* inOut, int32_t nbInputs,
                                    int32_t nbOutputs, IKernelLaunchParams* launchParams, ISymExprs* extraArgs,
                                    IExprBuilder& exprBuilder) noexcept = 0;

    //! The compiled kernel for these types and formats: its name and its code, `compiledKernelSize` bytes at
    //! `compiledKernel`. 0 means success.
    virtual int32_t getKernel(PluginTensorDesc const* in, int32_t nbInputs, PluginTensorDesc const* out,
                              int32_t nbOutputs, const char** kernelName, char** compiledKernel,
                              int32_t* compiledKernelSize) noexcept = 0;

    //! Chooses the tactic for the calls that follow. 0 means success.
    virtual int32_t setTactic(int32_t /*tactic*/) noexcept { return 0; }
};

//! What a quickly deployable plugin does at run time, through Python.
class IPluginV3QuickRuntime : public IPluginCapability {
  public:
    //! Identifies the interface: kind "PLUGIN_V3QUICK_RUNTIME", version 1.0.
    InterfaceInfo getInterfaceInfo() const noexcept override { return InterfaceInfo{"PLUGIN_V3QUICK_RUNTIME", 1, 0}; }

    //! Chooses the tactic for the calls of enqueue() that follow. 0 means success.
    virtual int32_t setTactic(int32_t /*tactic*/) noexcept { return 0; }

    //! Puts the work on `stream` and returns; 0 means success. Strides are in elements.
    virtual int32_t enqueue(PluginTensorDesc const* inputDesc, PluginTensorDesc const* outputDesc,
                            void const* const* inputs, void* const* outputs, Dims const* inputStrides,
                            Dims const* outputStrides, int32_t nbInputs, int32_t nbOutputs,
                            cudaStream_t stream) noexcept = 0;

    //! The fields from which the creator can make this plugin again when the plan is loaded.
    virtual PluginFieldCollection const* getFieldsToSerialize() noexcept = 0;
};

//! Makes quickly deployable plugins.
class IPluginCreatorV3Quick : public IPluginCreatorInterface {
  public:
    //! Identifies the interface: kind "PLUGIN CREATOR_V3QUICK", version 1.0.
    InterfaceInfo getInterfaceInfo() const noexcept override { return InterfaceInfo{"PLUGIN CREATOR_V3QUICK", 1, 0}; }

    //! A new plugin of the wanted implementation, or nullptr on error. Other arguments are as for
    //! IPluginCreatorV3One.
    virtual IPluginV3* createPlugin(AsciiChar const* name, AsciiChar const* nspace, PluginFieldCollection const* fc,
                                    TensorRTPhase phase,
                                    QuickPluginCreationRequest quickPluginCreationRequest) noexcept = 0;

    //! The fields that createPlugin() takes in the build phase.
    virtual PluginFieldCollection const* getFieldNames() noexcept = 0;

    //! Name of the plugin type.
    virtual AsciiChar const* getPluginName() const noexcept = 0;

    //! Version of the plugin type.
    virtual AsciiChar const* getPluginVersion() const noexcept = 0;

    //! Namespace of the creator.
    virtual AsciiChar const* getPluginNamespace() const noexcept = 0;
    IPluginCreatorV3Quick() = default;
    virtual ~IPluginCreatorV3Quick() = default;

  protected:
    IPluginCreatorV3Quick(IPluginCreatorV3Quick const&) = default;
    IPluginCreatorV3Quick(IPluginCreatorV3Quick&&) = default;
    IPluginCreatorV3Quick& operator=(IPluginCreatorV3Quick const&) & = default;
    IPluginCreatorV3Quick& operator=(IPluginCreatorV3Quick&&) & = default;
};

}  // namespace v_1_0

using IPluginV3QuickCore = v_1_0::IPluginV3QuickCore;
using IPluginV3QuickBuild = v_1_0::IPluginV3QuickBuild;
using IPluginV3QuickAOTBuild = v_1_0::IPluginV3QuickAOTBuild;
using IPluginV3QuickRuntime = v_1_0::IPluginV3QuickRuntime;
using IPluginCreatorV3Quick = v_1_0::IPluginCreatorV3Quick;

}  // namespace nvinfer1
