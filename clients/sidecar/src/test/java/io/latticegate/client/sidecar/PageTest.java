package io.latticegate.client.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PageTest {
    private static final Pattern PAIR = Pattern.compile("([a-z]+)=([a-z0-9]+)");

    private static List<ObjectNode> items(int count) {
        List<ObjectNode> items = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            items.add(Json.object().put("id", "i" + i));
        }
        return items;
    }

    private static Call call(String text) {
        MultiMap query = MultiMap.caseInsensitiveMultiMap();
        Matcher pairs = PAIR.matcher(text);
        while (pairs.find()) {
            query.add(pairs.group(1), pairs.group(2));
        }
        return new Call("GET", List.of("files"), query, new byte[0]);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                             | i5 i4 i3 i2 i1 | false",
                "order=asc                      | i1 i2 i3 i4 i5 | false",
                "limit=2                        | i5 i4          | true",
                "limit=2&after=i4               | i3 i2          | true",
                "limit=2&after=i2               | i1             | false",
                "after=i1                       | ''             | false",
                "order=asc&limit=2&before=i4    | i2 i3          | false"
            })
    void hasWhatTheQueryAsksFor(String query, String ids, boolean more) {
        ObjectNode page = Page.of(items(5), call(query));
        StringBuilder found = new StringBuilder();
        page.path("data")
                .forEach(item -> found.append(found.isEmpty() ? "" : " ")
                        .append(item.path("id").asText()));

        assertThat(found).hasToString(ids);
        assertThat(page.path("has_more").asBoolean()).isEqualTo(more);
        assertThat(page.path("object").asText()).isEqualTo("list");
    }

    @Test
    void refusesOtherQueries() {
        for (String query : List.of("limit=0", "limit=101", "limit=x", "order=up", "after=i9")) {
            assertThatThrownBy(() -> Page.of(items(5), call(query))).as(query).isInstanceOf(RefusedCall.class);
        }
    }
}
