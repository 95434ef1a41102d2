package io.latticegate.fhe.gpu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The device's kernels on this machine's processor: the same sources, built by g++ with src/test/shim. It computes what a device
 * computes, and can be broken.
 */
@SuppressWarnings("restricted")
final class HostDevice implements Driver {
    private static final MethodHandle FIND;
    private static final MethodHandle LAUNCH;

    static {
        Linker linker = Linker.nativeLinker();
        SymbolLookup library = SymbolLookup.libraryLookup(built(), Arena.global());
        FIND = linker.downcallHandle(
                library.findOrThrow("host_find"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
        LAUNCH = linker.downcallHandle(
                library.findOrThrow("host_launch"),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS));
    }

    /** Launches of all host devices. */
    static final AtomicLong LAUNCHES = new AtomicLong();

    private final Arena arena = Arena.ofShared();
    private final boolean fastDoubles;
    private volatile boolean broken;

    HostDevice(boolean fastDoubles) {
        this.fastDoubles = fastDoubles;
    }

    private static Path built() {
        Path root = Path.of(System.getProperty("latticegate.root", "../.."), "fhe-service", "gpu");
        Path library = root.resolve("target/host-device/libhost.so").toAbsolutePath();
        List<String> command = List.of(
                "g++",
                "-std=c++17",
                "-O2",
                "-march=native",
                "-ffp-contract=off",
                "-fno-strict-aliasing",
                "-U_FORTIFY_SOURCE",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-Wno-unknown-pragmas",
                "-shared",
                "-fPIC",
                "-I" + root.resolve("src/test/shim"),
                "-o",
                library.toString(),
                root.resolve("src/test/shim/host.cpp").toString());
        try {
            Files.createDirectories(library.getParent());
            Process compiler =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (compiler.waitFor() != 0) {
                throw new IllegalStateException("g++ refuses src/test/shim/host.cpp:\n" + said);
            }
        } catch (IOException missing) {
            throw new UncheckedIOException("the kernels' tests need g++ (Debian package g++)", missing);
        } catch (InterruptedException cancelled) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("building the kernels for the processor was cancelled", cancelled);
        }
        return library;
    }

    /** From now on every call fails, as those of a device that is lost. */
    void breakDown() {
        broken = true;
    }

    private void requireWhole() {
        if (broken) {
            throw new DeviceException("the device is lost");
        }
    }

    @Override
    public Device device() {
        return new Device("host", fastDoubles ? "doubles" : "integers", 1L << 34, 1, fastDoubles);
    }

    @Override
    public long reserve(long bytes) {
        requireWhole();
        return arena.allocate(bytes, Slab.ALIGNMENT).address();
    }

    private static MemorySegment at(long address, long bytes) {
        return MemorySegment.ofAddress(address).reinterpret(bytes);
    }

    @Override
    public void fill(long address, long bytes) {
        requireWhole();
        at(address, bytes).fill((byte) 0);
    }

    @Override
    public void upload(MemorySegment from, long address) {
        requireWhole();
        at(address, from.byteSize()).copyFrom(from);
    }

    @Override
    public void download(long address, MemorySegment to) {
        requireWhole();
        to.copyFrom(at(address, to.byteSize()));
    }

    @Override
    public long find(String kernel, int parameters) {
        requireWhole();
        try (Arena names = Arena.ofConfined()) {
            int number = (int) FIND.invokeExact(names.allocateFrom(kernel), parameters);
            if (number < 0) {
                throw new DeviceException("there is no kernel " + kernel + " of " + parameters + " parameters");
            }
            return number;
        } catch (DeviceException unknown) {
            throw unknown;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Override
    public void launch(long kernel, Grid grid, long... arguments) {
        requireWhole();
        LAUNCHES.incrementAndGet();
        int outcome;
        try (Arena words = Arena.ofConfined()) {
            MemorySegment all = words.allocateFrom(ValueLayout.JAVA_LONG, arguments);
            outcome = (int) LAUNCH.invokeExact(
                    (int) kernel, grid.x(), grid.y(), grid.z(), grid.threads(), grid.sharedBytes(), all);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
        if (outcome != 0) {
            throw new DeviceException(
                    outcome == 1 ? "a launch of " + grid : "a barrier that not all threads of a block reach");
        }
    }

    @Override
    public void finish() {
        requireWhole();
    }

    @Override
    public void close() {
        arena.close();
    }
}
