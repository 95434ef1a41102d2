package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.TokenUsage;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What models cost, from the configuration. A model without a price costs nothing and is so recorded. */
public final class PriceList {
    private static final long TOKENS_MAX = 1_000_000_000L;
    private static final BigDecimal PRICE_MAX = BigDecimal.valueOf(4_000);

    private final Map<String, Price> prices = new HashMap<>();

    /**
     * @param inputMicroUsdPerMillion millionths of a US dollar per million input tokens
     * @param outputMicroUsdPerMillion likewise for output tokens
     */
    private record Price(long inputMicroUsdPerMillion, long outputMicroUsdPerMillion) {}

    /** Sets the price of a model, in US dollars per million tokens. */
    public void put(String model, BigDecimal inputUsdPerMillion, BigDecimal outputUsdPerMillion) {
        prices.put(model, new Price(microUsd(inputUsdPerMillion), microUsd(outputUsdPerMillion)));
    }

    /** Cost in millionths of a US dollar, rounded up so that a budget never reads low. */
    long costMicroUsd(@Nullable String model, TokenUsage usage) {
        Price price = model == null ? null : prices.get(model);
        if (price == null) {
            return 0;
        }
        long scaled = Math.min(usage.input(), TOKENS_MAX) * price.inputMicroUsdPerMillion
                + Math.min(usage.output(), TOKENS_MAX) * price.outputMicroUsdPerMillion;
        return Math.ceilDiv(scaled, 1_000_000L);
    }

    /** The most that a request can cost when all of its input and output is used. */
    long upperCostMicroUsd(@Nullable String model, long input, long output) {
        return costMicroUsd(model, TokenUsage.of(input, output));
    }

    private static long microUsd(BigDecimal usd) {
        if (usd.signum() < 0 || usd.compareTo(PRICE_MAX) > 0) {
            throw new IllegalArgumentException("a price is 0 to " + PRICE_MAX + " USD per million tokens, not " + usd);
        }
        return usd.movePointRight(6).setScale(0, RoundingMode.UP).longValueExact();
    }
}
