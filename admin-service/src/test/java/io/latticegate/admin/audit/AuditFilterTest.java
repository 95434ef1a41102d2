package io.latticegate.admin.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class AuditFilterTest {
    @Test
    void showsTwentyAPageUnlessToldOtherwise() {
        assertThat(AuditFilter.ALL.pageSize()).isEqualTo(20);
        assertThat(AuditFilter.ALL.page()).isEqualTo(1);
    }

    @Test
    void refusesPagesOutOfBounds() {
        assertThatThrownBy(() -> AuditFilter.ALL.page(0, 20)).hasMessageContaining("page is 0");
        assertThatThrownBy(() -> AuditFilter.ALL.page(1, 101)).hasMessageContaining("page_size is 101");
        assertThatThrownBy(() -> AuditFilter.ALL.page(1, 0)).hasMessageContaining("allowed: 1 to 100");
        assertThat(AuditFilter.ALL.page(1_000, 20).page()).isEqualTo(AuditFilter.lastPage(20));
        assertThatThrownBy(() -> AuditFilter.ALL.page(1_001, 20)).hasMessageContaining("with page_size 20: 1 to 1000");
    }

    @Test
    void refusesControlCharactersAndOverlongText() {
        assertThatThrownBy(() -> AuditFilter.ALL.with(AuditFilter.Field.PATH, "a\0"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PATH");
        assertThatThrownBy(() -> AuditFilter.ALL.searching("x".repeat(1025)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1025");
    }

    @Test
    void anEmptyValueRemovesTheCondition() {
        assertThat(AuditFilter.ALL.with(AuditFilter.Field.PATH, "/x").with(AuditFilter.Field.PATH, ""))
                .isEqualTo(AuditFilter.ALL);
    }
}
