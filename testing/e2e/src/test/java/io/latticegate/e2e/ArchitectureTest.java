package io.latticegate.e2e;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The layers and habits of docs/architecture.md, as far as a class file shows them. */
final class ArchitectureTest {
    private static JavaClasses product;

    @BeforeAll
    static void read() {
        product = new ClassFileImporter().withImportOption(new MainCode()).importPackages("io.latticegate");
    }

    private static void holds(ArchRule rule) {
        rule.check(product);
    }

    @Test
    void theClassesOfEveryServiceAreRead() {
        for (String service : List.of(
                "auth.AuthService",
                "vault.VaultService",
                "proxy.ProxyService",
                "admin.AdminService",
                "fhe.app.FheService",
                "standalone.StandaloneMain")) {
            assertThat(product.contain("io.latticegate." + service)).as(service).isTrue();
        }
        assertThat(product.contain(ArchitectureTest.class)).isFalse();
    }

    /** The product's own classes: neither tests nor what is built for tests and measurements. */
    static final class MainCode implements ImportOption {
        @Override
        public boolean includes(com.tngtech.archunit.core.importer.Location location) {
            return !location.contains("/test-classes/")
                    && !location.contains("/io/latticegate/testing/")
                    && !location.contains("/io/latticegate/e2e/")
                    && !location.contains("/io/latticegate/bench/");
        }
    }

    @Test
    void contractsAndValuesNeedOnlyTheJdk() {
        holds(classes()
                .that()
                .resideInAnyPackage("io.latticegate.common.contract..", "io.latticegate.common.value..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "javax..",
                        "org.jspecify..",
                        "io.latticegate.common.contract..",
                        "io.latticegate.common.value.."));
    }

    @Test
    void purePackagesKnowNoVertx() {
        holds(noClasses()
                .that()
                .resideInAnyPackage(
                        "io.latticegate.common.value..",
                        "io.latticegate.common.contract..",
                        "io.latticegate.common.wallet..",
                        "io.latticegate.common.crypto..",
                        "io.latticegate.common.journal..",
                        "io.latticegate.proxy.chat..",
                        "io.latticegate.proxy.dialect..",
                        "io.latticegate.proxy.routing..",
                        "io.latticegate.proxy.sigv4..",
                        "io.latticegate.proxy.guard",
                        "io.latticegate.vault.envelope..",
                        "io.latticegate.vault.record..",
                        "io.latticegate.auth.token..",
                        "io.latticegate.auth.lease..",
                        "io.latticegate.auth.wallet..")
                .and()
                .resideOutsideOfPackage("..redis..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.vertx..", "io.netty..", "com.hazelcast.."));
    }

    @Test
    void servicesDoNotKnowEachOther() {
        holds(slices().matching("io.latticegate.(auth|vault|proxy|admin|fhe)..")
                .should()
                .notDependOnEachOther());
    }

    /** Secret keys, and what makes and uses them, are for clients only. */
    @Test
    void noServiceKnowsSecretKeysOfEncryptedCompute() {
        holds(noClasses()
                .that()
                .resideOutsideOfPackages("io.latticegate.fhe.core..client..", "io.latticegate.client..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.latticegate.fhe.core..client.."));
    }

    @Test
    void commonKnowsNoService() {
        holds(noClasses()
                .that()
                .resideInAPackage("io.latticegate.common..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.latticegate.auth..",
                        "io.latticegate.vault..",
                        "io.latticegate.proxy..",
                        "io.latticegate.admin..",
                        "io.latticegate.fhe..",
                        "io.latticegate.standalone.."));
    }

    @Test
    void verticlesHaveOnlyFinalFields() {
        holds(classes().that().areAssignableTo(Deployable.class).should().haveOnlyFinalFields());
    }

    @Test
    void flowsHaveOnlyFinalFields() {
        holds(classes()
                .that()
                .haveSimpleNameEndingWith("Relay")
                .or()
                .haveSimpleNameEndingWith("Flow")
                .or()
                .haveSimpleNameEndingWith("Service")
                .should()
                .haveOnlyFinalFields());
    }

    /** A cluster manager is what Vert.x calls the port that one class implements. */
    @Test
    void namesSayWhatAClassOwns() {
        holds(noClasses()
                .should()
                .haveNameMatching(".*((?<!Cluster)Manager|Helper|Util|Utils|Impl|Processor)(\\$.*)?"));
    }

    @Test
    void noAwaitWithALimit() {
        holds(noClasses().should().callMethod(Future.class, "await", long.class, TimeUnit.class));
    }

    @Test
    void secretsAreNoStrings() {
        holds(fields().that().haveRawType(String.class).should(haveNoSecretName()));
    }

    @Test
    void nobodyPrints() {
        holds(noClasses()
                .that()
                .resideOutsideOfPackage("io.latticegate.standalone..")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err"));
    }

    private static ArchCondition<JavaField> haveNoSecretName() {
        return new ArchCondition<>("have no name of a secret") {
            @Override
            public void check(JavaField field, ConditionEvents events) {
                boolean constant = field.getModifiers().contains(com.tngtech.archunit.core.domain.JavaModifier.STATIC);
                boolean secret = field.getName().matches("(?i).*(secret|apikey|password|passphrase|bearer|privatekey)");
                events.add(new SimpleConditionEvent(
                        field, constant || !secret, field.getFullName() + " holds a secret as a String"));
            }
        };
    }
}
