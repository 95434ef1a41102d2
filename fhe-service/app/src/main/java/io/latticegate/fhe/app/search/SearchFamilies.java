package io.latticegate.fhe.app.search;

import io.latticegate.fhe.app.Family;
import io.latticegate.fhe.app.FheParts;
import io.latticegate.fhe.app.cache.ReplyCache;
import java.util.List;

/** The endpoints of search, over one set of files. */
public final class SearchFamilies {
    private static final int HEAP_SHARE = 8;

    private SearchFamilies() {}

    public static List<Family> of(FheParts parts) {
        IndexFiles files = new IndexFiles(
                parts.folder(),
                parts.config(),
                parts.schemes().backend(),
                parts.context().clock());
        OpenIndexes open = new OpenIndexes(files, parts.config().indexes().open());
        ReplyCache cache = new ReplyCache(
                Math.min(parts.config().cache().bytes(), Runtime.getRuntime().maxMemory() / HEAP_SHARE),
                parts.config().cache().ttl(),
                System::nanoTime,
                parts.context().metrics());
        return List.of(new IndexCalls(parts, files, open, cache), new SearchCalls(parts, open, cache));
    }
}
