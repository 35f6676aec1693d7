"""``certificate``: the hall's own CA, and a server certificate signed by it."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from commandline.asked import Asked, say
from hall import days
from hall.refusals import NotAllowed


def certificate(asked: Asked) -> int:
    """Make the CA at the first time, and the server's certificate each time; say what to do."""
    from web import certificates

    folder = asked.database.absolute().parent / certificates.FOLDER
    now = datetime.fromtimestamp(days.now() / days.SECOND, UTC)
    names = asked.words.names or _known_names(asked)
    for each in names:
        certificates.alternative(each)  # a wrong name leaves nothing half made
    if not (folder / certificates.CA).exists():
        certificates.make_ca(folder, asked.config.hall.name, now)
        say(f"已建立大厅自己的 CA，{certificates.CA_YEARS} 年有效：{folder / certificates.CA}")
        say(f"它的私钥 {folder / certificates.CA_KEY} 只有本账号能读：另存一份，不要放上设备。")
    made = certificates.make_server(folder, names, now)
    until = certificates.good_until(made).astimezone(asked.config.hall.zone)
    say(f"服务器证书：{made}，用于 {'、'.join(names)}，到 {until:%Y-%m-%d} 为止；到期前自动更换。")
    if asked.config.server.tls != "own-ca":
        say('下一步：config.toml 里写 [server] tls = "own-ca"，重新启动。')
    say(f"再让每台设备信任 CA（把 {certificates.CA} 拷过去），核对它的 SHA-256：")
    say(f"  {certificates.fingerprint(folder / certificates.CA)}")
    say("  Windows：管理员运行 certutil -addstore Root ca.pem")
    say("  Android：设置 → 安全 → 加密与凭据 → 安装证书 → CA 证书")
    say('  Linux（Chromium）：certutil -d sql:$HOME/.pki/nssdb -A -t "C,," -n hall -i ca.pem')
    say("步骤和旧设备的办法见 docs/tls.md。")
    return 0


def _known_names(asked: Asked) -> list[str]:
    """Return the names of the certificate there is, else the one in the hall's address."""
    from web import certificates

    server = asked.database.absolute().parent / certificates.FOLDER / certificates.SERVER
    if server.exists():
        return certificates.names_in(server)
    if host := urlsplit(asked.config.hall.public_url).hostname:
        return [host]
    raise NotAllowed(
        "no_names",
        "请写明设备打开大厅所用的名称和 IP 地址，如 server.py certificate hall.local 10.20.0.5",
    )
