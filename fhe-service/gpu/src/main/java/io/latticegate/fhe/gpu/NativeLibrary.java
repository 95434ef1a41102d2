package io.latticegate.fhe.gpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import jcuda.driver.JCudaDriver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * JCuda's native library. JCuda unpacks it into the folder for temporary files under a fixed name, and takes a file that lies
 * there already; so it is given a folder that only this process can write to, while it loads, and the files are removed then.
 */
final class NativeLibrary {
    private static final Logger LOG = LoggerFactory.getLogger(NativeLibrary.class);
    private static final String TEMPORARY = "java.io.tmpdir";

    /** @throws DeviceException where it, or the driver that it needs, is not there */
    static synchronized void load() {
        String before = System.getProperty(TEMPORARY, "/tmp");
        Path folder;
        try {
            folder = Files.createTempDirectory("latticegate-gpu");
        } catch (IOException fault) {
            throw new DeviceException("no folder for JCuda's library: " + fault.getMessage(), fault);
        }
        try {
            System.setProperty(TEMPORARY, folder.toString());
            JCudaDriver.setExceptionsEnabled(true);
        } catch (LinkageError missing) {
            throw new DeviceException("there is no CUDA driver: libcuda.so.1 cannot be loaded", missing);
        } finally {
            System.setProperty(TEMPORARY, before);
            remove(folder);
        }
    }

    private static void remove(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
            for (Path each : deepestFirst) {
                Files.delete(each);
            }
        } catch (IOException fault) {
            LOG.warn("the folder {} cannot be removed: {}", folder, fault.getMessage());
        }
    }

    private NativeLibrary() {}
}
