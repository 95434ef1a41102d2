package io.latticegate.fhe.app.head;

import io.latticegate.fhe.core.head.HeadModel;
import java.util.List;

/**
 * What an owner sends.
 *
 * @param labels a name for each score, or none
 * @param readers other projects that may ask the head
 */
record HeadUpload(HeadModel model, List<String> labels, List<String> readers) {
    HeadUpload {
        labels = List.copyOf(labels);
        readers = List.copyOf(readers);
    }
}
