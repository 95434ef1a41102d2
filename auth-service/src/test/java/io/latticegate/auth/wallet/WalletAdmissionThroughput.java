package io.latticegate.auth.wallet;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.latticegate.common.wallet.Reading;
import io.latticegate.common.wallet.SignedBody.LlmRequest;
import io.latticegate.common.wallet.SignedBodyLimits;
import io.latticegate.common.wallet.SignedBodyReader;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;

/**
 * Prints how many wallet requests one core admits per second: parse, digest, recover, rate and nonce. Figures are per
 * CPU second of the one thread that works, so that other load on the machine does not distort them.
 */
public final class WalletAdmissionThroughput {

    private static final long NOW = 1_700_000_000L;
    private static final int BODIES = 2_000;

    private WalletAdmissionThroughput() {}

    public static void main(String[] args) {
        byte[][] bodies = new byte[BODIES][];
        for (int i = 0; i < BODIES; i++) {
            bodies[i] = body(TestWallet.of(1 + i));
        }
        for (EcdsaRecovery recovery : new EcdsaRecovery[] {new Secp256k1Recovery(), new BouncyCastleRecovery()}) {
            for (int round = 1; round <= 5; round++) {
                System.out.printf(
                        "%s, round %d: %,d admissions per CPU second%n", recovery.name(), round, run(recovery, bodies));
            }
        }
    }

    private static long run(EcdsaRecovery recovery, byte[][] bodies) {
        SignedBodyReader reader = new SignedBodyReader(TestWallet.ACTIONS, SignedBodyLimits.defaults());
        long started = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        int admitted = 0;
        for (int repeat = 0; repeat < 5; repeat++) {
            InProcessWalletState state = new InProcessWalletState(WalletStateLimits.defaults(), System::nanoTime);
            WalletAdmission admission = new WalletAdmission(
                    recovery, state, TimeTolerance.DEFAULT, InstantSource.fixed(Instant.ofEpochSecond(NOW)));
            for (byte[] body : bodies) {
                if (reader.readLlmRequest(body, null) instanceof Reading.Accepted<LlmRequest>(LlmRequest request)
                        && admission.admit(request.claim()) instanceof Admission.Admitted) {
                    admitted++;
                }
            }
        }
        if (admitted != 5 * bodies.length) {
            throw new IllegalStateException("only " + admitted + " of " + 5 * bodies.length + " were admitted");
        }
        long nanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - started;
        return admitted * Duration.ofSeconds(1).toNanos() / nanos;
    }

    private static byte[] body(TestWallet wallet) {
        String prompt = "Summarise the following paragraph in one sentence. ".repeat(20);
        String signature = HexFormat.of()
                .formatHex(wallet.sign(TestWallet.ACTIONS.llmRequest(
                                1, prompt, "gpt-4", wallet.address(), BigInteger.ONE, BigInteger.valueOf(NOW)))
                        .toBytes());
        return """
                {"typedData":{"types":{"LLMRequest":[{"name":"prompt","type":"string"},{"name":"model","type":"string"},\
                {"name":"wallet","type":"address"},{"name":"nonce","type":"uint256"},\
                {"name":"timestamp","type":"uint256"}]},"domain":{"name":"LLM Relay Service","version":"1","chainId":1},\
                "primaryType":"LLMRequest","message":{"prompt":"%s","model":"gpt-4","wallet":"%s","nonce":1,\
                "timestamp":%d}},"signature":"0x%s"}""".formatted(prompt, wallet.address(), NOW, signature).getBytes(UTF_8);
    }
}
