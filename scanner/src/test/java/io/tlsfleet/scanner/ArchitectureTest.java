package io.tlsfleet.scanner;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.tlsfleet.scanner.scan.Scan;
import java.net.InetAddress;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Which way things may point in this room. */
class ArchitectureTest {
    private static final String ROOM = "io.tlsfleet.scanner.";
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.tlsfleet.scanner");

    @Test
    void seesTheClassesItShould() {
        assertThat(CLASSES.contain(Scan.class)).isTrue();
        assertThat(CLASSES.size()).isGreaterThan(60);
    }

    @Test
    void planAndProbeKnowNoSocketsAndNoVertx() {
        noClasses()
                .that()
                .resideInAnyPackage(ROOM + "plan..", ROOM + "probe..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.vertx..", "io.netty..", "java.net..", "java.nio.channels..", ROOM + "connect..")
                .check(CLASSES);
    }

    @Test
    void connectKnowsNoProbe() {
        noClasses()
                .that()
                .resideInAPackage(ROOM + "connect..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ROOM + "probe..", ROOM + "plan..", ROOM + "scan..")
                .check(CLASSES);
    }

    @Test
    void onlyConnectDialsAndOnlyResolveLooksUp() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOM + "connect..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("io.vertx.core.net.NetClient")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.net.Socket")
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage("io.netty.channel..")
                .orShould()
                .callMethod(InetAddress.class, "getAllByName", String.class)
                .because("every outgoing connection passes the address gate with a resolved address")
                .allowEmptyShould(false)
                .check(CLASSES.that(DescribedPredicate.not(JavaClass.Predicates.resideInAPackage(ROOM + "resolve.."))));
    }

    @Test
    void nobodyKnowsTheStoreOrTheApi() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.tlsfleet.store..", "io.tlsfleet.api..", "java.sql..")
                .check(CLASSES);
    }

    @Test
    void onlyTheCommandsJudgeAndSpeakJson() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOM + "cli..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.tlsfleet.fleet.policy..", "com.fasterxml.jackson..")
                .check(CLASSES);
    }

    @Test
    void nobodyReadsTheClockByHimself() {
        noClasses().should().callMethod(Instant.class, "now").check(CLASSES);
    }

    @Test
    void hasNoCycles() {
        slices().matching(ROOM + "(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void namesSayRoles() {
        classes()
                .should()
                .haveSimpleNameNotEndingWith("Impl")
                .andShould()
                .haveSimpleNameNotEndingWith("Manager")
                .andShould()
                .haveSimpleNameNotEndingWith("Util")
                .andShould()
                .haveSimpleNameNotEndingWith("Utils")
                .andShould()
                .haveSimpleNameNotEndingWith("Helper")
                .andShould()
                .haveSimpleNameNotEndingWith("Base")
                .andShould()
                .haveSimpleNameNotStartingWith("Abstract")
                .check(CLASSES);
    }
}
