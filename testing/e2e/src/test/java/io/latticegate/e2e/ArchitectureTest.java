package io.latticegate.e2e;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import java.util.concurrent.TimeUnit;

/** The layers and habits of docs/architecture.md, as far as a class file shows them. */
@AnalyzeClasses(packages = "io.latticegate", importOptions = ArchitectureTest.MainCode.class)
final class ArchitectureTest {
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

    @ArchTest
    static final ArchRule CONTRACTS_AND_VALUES_NEED_ONLY_THE_JDK = classes()
            .that()
            .resideInAnyPackage("io.latticegate.common.contract..", "io.latticegate.common.value..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "java..",
                    "javax..",
                    "org.jspecify..",
                    "io.latticegate.common.contract..",
                    "io.latticegate.common.value..");

    @ArchTest
    static final ArchRule PURE_PACKAGES_KNOW_NO_VERTX = noClasses()
            .that()
            .resideInAnyPackage(
                    "io.latticegate.common.value..",
                    "io.latticegate.common.contract..",
                    "io.latticegate.common.wallet..",
                    "io.latticegate.common.crypto..",
                    "io.latticegate.common.journal..",
                    "io.latticegate.proxy.chat..",
                    "io.latticegate.proxy.dialect..",
                    "io.latticegate.vault.envelope..",
                    "io.latticegate.vault.record..",
                    "io.latticegate.auth.token..",
                    "io.latticegate.auth.lease..",
                    "io.latticegate.auth.wallet..")
            .and()
            .resideOutsideOfPackage("..redis..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.vertx..", "io.netty..", "com.hazelcast..");

    @ArchTest
    static final ArchRule SERVICES_DO_NOT_KNOW_EACH_OTHER = slices().matching(
                    "io.latticegate.(auth|vault|proxy|admin|fhe)..")
            .should()
            .notDependOnEachOther();

    @ArchTest
    static final ArchRule COMMON_KNOWS_NO_SERVICE = noClasses()
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
                    "io.latticegate.standalone..");

    @ArchTest
    static final ArchRule VERTICLES_HAVE_ONLY_FINAL_FIELDS =
            classes().that().areAssignableTo(Deployable.class).should().haveOnlyFinalFields();

    @ArchTest
    static final ArchRule FLOWS_HAVE_ONLY_FINAL_FIELDS = classes()
            .that()
            .haveSimpleNameEndingWith("Relay")
            .or()
            .haveSimpleNameEndingWith("Flow")
            .or()
            .haveSimpleNameEndingWith("Service")
            .should()
            .haveOnlyFinalFields();

    /** A cluster manager is what Vert.x calls the port that one class implements. */
    @ArchTest
    static final ArchRule NAMES_SAY_WHAT_A_CLASS_OWNS =
            noClasses().should().haveNameMatching(".*((?<!Cluster)Manager|Helper|Util|Utils|Impl|Processor)(\\$.*)?");

    @ArchTest
    static final ArchRule NO_AWAIT_WITH_A_LIMIT =
            noClasses().should().callMethod(Future.class, "await", long.class, TimeUnit.class);

    @ArchTest
    static final ArchRule SECRETS_ARE_NO_STRINGS =
            fields().that().haveRawType(String.class).should(haveNoSecretName());

    @ArchTest
    static final ArchRule NOBODY_PRINTS = noClasses()
            .that()
            .resideOutsideOfPackage("io.latticegate.standalone..")
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err");

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
