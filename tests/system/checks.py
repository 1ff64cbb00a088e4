"""What tests of checks share: certificates, and healthd with targets of a file."""
import os
import socket
import subprocess

from harness import Healthd, SystemTest, wait_until


class ChecksTest(SystemTest):
    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def authority(self, name):
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                     "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.pem",
                     "-subj", f"/CN={name}", "-days", "30")

    def certificate(self, name, host, days="10", issuer="ca"):
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        with open(os.path.join(self.folder, f"{name}.ext"), "w", encoding="utf-8") as file:
            file.write(f"subjectAltName={host}\n")
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{issuer}.pem",
                     "-CAkey", f"{issuer}.key", "-CAcreateserial", "-days", days,
                     "-extfile", f"{name}.ext", "-out", f"{name}.pem")

    @staticmethod
    def is_listening(port):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def watch(self, lines):
        """healthd with these targets; all have a result."""
        path = os.path.join(self.folder, "healthd.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write("defaults: {check_interval: 1s, timeout: 5s, failure_threshold: 1,"
                       " success_threshold: 1}\nservices:\n")
            file.writelines(f"  - {line}\n" for line in lines)
        healthd = self.keep(Healthd(self.folder, {"HEALTH_CHECK_INTERVAL": None}))
        healthd.argv += ["--config", path]
        return healthd.start(True)

    def results(self, healthd, n):
        """The entries of all N targets once each has one."""
        def ask():
            entries = healthd.system()["snapshot"]["services"]
            return len(entries) == n and all(
                entry["status"] != "UNKNOWN" for entry in entries.values()) and entries
        return wait_until(ask, 20, "a result of each target")
