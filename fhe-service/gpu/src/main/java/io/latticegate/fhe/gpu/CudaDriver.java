package io.latticegate.fhe.gpu;

import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_SINGLE_TO_DOUBLE_PRECISION_PERF_RATIO;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import jcuda.CudaException;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A CUDA device by its driver's API, with one context and one stream. What goes to the device passes pinned memory of this
 * machine, used in turn, so that a small upload does not wait for what is running.
 */
final class CudaDriver implements Driver {
    private static final Logger LOG = LoggerFactory.getLogger(CudaDriver.class);
    private static final String KERNELS = "kernels.fatbin";
    private static final int NAME_BYTES = 256;
    private static final int STAGING_BYTES = 16 << 20;
    private static final int STAGING_ALIGNMENT = 256;
    private static final int FAST_DOUBLES_RATIO = 4;
    private static final int FATBIN_BYTES_MAX = 64 << 20;

    /** A device address as a number. */
    private static final class DeviceMemory extends CUdeviceptr {
        DeviceMemory() {}

        long number() {
            return getNativePointer();
        }
    }

    private final CUcontext context;
    private final CUstream stream = new CUstream();
    private final Device device;
    private final List<CUfunction> functions = new ArrayList<>();
    private final DeviceMemory memory = new DeviceMemory();
    private final Pointer stagingPointer = new Pointer();
    private final MemorySegment staging;
    private final CUmodule module = new CUmodule();
    private long base;
    private int stagingAt;

    /** @throws DeviceException with the reason where the device cannot be used */
    static CudaDriver open(int number) {
        return open(number, kernels());
    }

    /** The same with kernels of one's own. */
    static CudaDriver open(int number, byte[] kernels) {
        try {
            NativeLibrary.load();
            return new CudaDriver(number, kernels);
        } catch (CudaException refused) {
            throw new DeviceException("CUDA device " + number + " cannot be opened: " + refused.getMessage(), refused);
        }
    }

    private static byte[] kernels() {
        try (InputStream in = CudaDriver.class.getResourceAsStream(KERNELS)) {
            if (in == null) {
                throw new DeviceException("this build has no kernels for a GPU: it was built without nvcc");
            }
            return in.readNBytes(FATBIN_BYTES_MAX);
        } catch (IOException fault) {
            throw new DeviceException("the kernels for a GPU cannot be read: " + fault.getMessage(), fault);
        }
    }

    private CudaDriver(int number, byte[] kernels) {
        JCudaDriver.cuInit(0);
        int[] count = new int[1];
        JCudaDriver.cuDeviceGetCount(count);
        if (number >= count[0]) {
            throw new DeviceException(
                    "there is no CUDA device " + number + "; this machine has " + count[0] + " (numbers from 0)");
        }
        CUdevice handle = new CUdevice();
        JCudaDriver.cuDeviceGet(handle, number);
        this.device = describe(handle);
        this.context = new CUcontext();
        JCudaDriver.cuCtxCreate(context, 0, handle);
        boolean opened = false;
        try {
            JCudaDriver.cuStreamCreate(stream, 0);
            JCudaDriver.cuModuleLoadFatBinary(module, kernels);
            JCudaDriver.cuMemHostAlloc(stagingPointer, STAGING_BYTES, 0);
            this.staging = MemorySegment.ofBuffer(stagingPointer.getByteBuffer(0, STAGING_BYTES));
            opened = true;
        } finally {
            if (!opened) {
                JCudaDriver.cuCtxDestroy(context);
            }
        }
    }

    private static Device describe(CUdevice handle) {
        byte[] name = new byte[NAME_BYTES];
        JCudaDriver.cuDeviceGetName(name, name.length, handle);
        long[] bytes = new long[1];
        JCudaDriver.cuDeviceTotalMem(bytes, handle);
        int length = 0;
        while (length < name.length && name[length] != 0) {
            length++;
        }
        int ratio = attribute(handle, CU_DEVICE_ATTRIBUTE_SINGLE_TO_DOUBLE_PRECISION_PERF_RATIO);
        return new Device(
                new String(name, 0, length, StandardCharsets.US_ASCII),
                "sm_" + attribute(handle, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
                        + attribute(handle, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
                bytes[0],
                attribute(handle, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
                ratio <= FAST_DOUBLES_RATIO);
    }

    private static int attribute(CUdevice handle, int which) {
        int[] value = new int[1];
        JCudaDriver.cuDeviceGetAttribute(value, which, handle);
        return value[0];
    }

    @Override
    public Device device() {
        return device;
    }

    /** One or more calls of the driver. */
    private interface Calls {
        void run();
    }

    private static void checked(String what, Calls calls) {
        try {
            calls.run();
        } catch (CudaException refused) {
            throw new DeviceException(what + ": " + refused.getMessage(), refused);
        }
    }

    @Override
    public long reserve(long bytes) {
        checked("reserving " + bytes + " bytes of " + device.name(), () -> {
            JCudaDriver.cuMemAlloc(memory, bytes);
            JCudaDriver.cuMemsetD8Async(memory, (byte) 0, bytes, stream);
        });
        base = memory.number();
        return base;
    }

    private CUdeviceptr at(long address) {
        return memory.withByteOffset(address - base);
    }

    @Override
    public void fill(long address, long bytes) {
        checked("filling memory", () -> JCudaDriver.cuMemsetD8Async(at(address), (byte) 0, bytes, stream));
    }

    @Override
    public void upload(MemorySegment from, long address) {
        checked("copying to the device", () -> {
            for (long done = 0; done < from.byteSize(); ) {
                if (stagingAt == STAGING_BYTES) {
                    JCudaDriver.cuStreamSynchronize(stream);
                    stagingAt = 0;
                }
                long piece = Math.min(from.byteSize() - done, STAGING_BYTES - stagingAt);
                MemorySegment.copy(from, done, staging, stagingAt, piece);
                JCudaDriver.cuMemcpyHtoDAsync(
                        at(address + done), stagingPointer.withByteOffset(stagingAt), piece, stream);
                done += piece;
                long next = stagingAt + piece + STAGING_ALIGNMENT - 1;
                stagingAt = (int) Math.min(STAGING_BYTES, next / STAGING_ALIGNMENT * STAGING_ALIGNMENT);
            }
        });
    }

    @Override
    public void download(long address, MemorySegment to) {
        checked("copying from the device", () -> {
            JCudaDriver.cuStreamSynchronize(stream);
            for (long done = 0; done < to.byteSize(); ) {
                long piece = Math.min(to.byteSize() - done, STAGING_BYTES);
                JCudaDriver.cuMemcpyDtoHAsync(stagingPointer, at(address + done), piece, stream);
                JCudaDriver.cuStreamSynchronize(stream);
                MemorySegment.copy(staging, 0, to, done, piece);
                done += piece;
            }
            stagingAt = 0;
        });
    }

    @Override
    public long find(String kernel, int parameters) {
        CUfunction function = new CUfunction();
        checked("looking up the kernel " + kernel, () -> JCudaDriver.cuModuleGetFunction(function, module, kernel));
        functions.add(function);
        return functions.size() - 1L;
    }

    @Override
    public void launch(long kernel, Grid grid, long... arguments) {
        Pointer[] words = new Pointer[arguments.length];
        for (int i = 0; i < words.length; i++) {
            words[i] = Pointer.to(new long[] {arguments[i]});
        }
        checked(
                "launching a kernel",
                () -> JCudaDriver.cuLaunchKernel(
                        functions.get(Math.toIntExact(kernel)),
                        grid.x(),
                        grid.y(),
                        grid.z(),
                        grid.threads(),
                        1,
                        1,
                        grid.sharedBytes(),
                        stream,
                        Pointer.to(words),
                        null));
    }

    @Override
    public void finish() {
        checked("waiting for the device", () -> JCudaDriver.cuStreamSynchronize(stream));
    }

    @Override
    public void close() {
        try {
            JCudaDriver.cuMemFreeHost(stagingPointer);
            JCudaDriver.cuCtxDestroy(context);
        } catch (CudaException lost) {
            LOG.warn("a lost device could not be given back: {}", lost.getMessage());
        }
    }
}
