//! Which user agents are no person: previews of messengers, search engines, scanners, scripts.
//!
//! Two rules catch nearly all: a browser's agent starts with `Mozilla/` (previews of WhatsApp or Viber, curl, Python, Go and okhttp
//! do not), and honest machines that copy a browser's say `bot`, `crawler`, `spider` or `preview`. The list holds the rest.
//! A person counted as a machine costs a figure in a report and nothing else: both figures are kept, and the link works for all.

/// Parts of the agents of machines that start as a browser's does, in lower case.
const MACHINES: &[&str] = &[
    // words by which machines name themselves
    "bot",
    "crawl",
    "spider",
    "preview",
    "prefetch",
    "scan",
    "monitor",
    "fetch",
    "checker",
    "headless",
    "lighthouse",
    "validator",
    "unfurl",
    "embedly",
    "proxy",
    "archive",
    // cards in messengers and networks; iMessage's claims to be Facebook's and Twitter's
    "facebookexternalhit",
    "facebookcatalog",
    "meta-external",
    "kakaotalk-scrap",
    "skypeuri",
    "snapchat",
    "slack-imgproxy",
    "vkshare",
    // shorteners' checks, protection of mail and phones
    "bitly",
    "tinyurl",
    "rebrandly",
    "safebrowsing",
    "google-safety",
    "safelinks",
    "barracuda",
    "proofpoint",
    "mimecast",
    "symantec",
    "trendmicro",
    "kaspersky",
    "bitdefender",
    "fortiguard",
    "zscaler",
    "netcraft",
    "censys",
    "expanse",
    "zgrab",
    "nmap",
    "nuclei",
    // search, language models, measuring
    "slurp",
    "google-inspectiontool",
    "googleother",
    "mediapartners",
    "heritrix",
    "ahrefs",
    "semrush",
    "dataprovider",
    "gtmetrix",
    "pingdom",
    "uptime",
    "statuscake",
    "newrelic",
    "datadog",
    "site24x7",
    "chatgpt",
    "claude-",
    "perplexity",
    "bytedance",
    "diffbot",
    // browsers driven by programs
    "phantomjs",
    "selenium",
    "puppeteer",
    "playwright",
    "cypress",
    "electron/",
    "slimerjs",
    "powershell",
];

/// Makers of phones in whose name a word of [`MACHINES`] stands.
const PHONES: &[&str] = &["cubot"];

/// How much of an agent is looked at, in characters; real ones stay below 400.
const LOOKED_AT: usize = 512;

/// Whether the agent is a person's browser, as far as it tells. None, or an empty one, never is.
#[must_use]
pub fn is_person(agent: Option<&str>) -> bool {
    let agent: String =
        agent.unwrap_or_default().trim().chars().take(LOOKED_AT).map(|c| c.to_ascii_lowercase()).collect();
    if !["mozilla/", "opera/"].iter().any(|browser| agent.starts_with(browser)) {
        return false;
    }
    let agent =
        PHONES.iter().fold(agent, |agent, phone| if agent.contains(phone) { agent.replace(phone, "") } else { agent });
    !MACHINES.iter().any(|part| agent.contains(part))
}

#[cfg(test)]
mod tests {
    use super::is_person;

    #[test]
    fn previews_and_programs_are_machines() {
        for agent in [
            "",
            "  ",
            "WhatsApp/2.23.20.0 A",
            "TelegramBot (like TwitterBot)",
            "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
            "Twitterbot/1.0",
            "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
            "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
            "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0 Safari/537.36",
            "Mozilla/5.0 (Linux; Android 11) AppleWebKit/537.36 Chrome-Lighthouse",
            "curl/8.5.0",
            "Wget/1.21",
            "python-requests/2.31.0",
            "Go-http-client/1.1",
            "okhttp/4.12.0",
            "Dalvik/2.1.0 (Linux; U; Android 13; SM-A536B)",
            "Mozilla/5.0 (compatible; bitlybot/3.0; +http://bit.ly/)",
            "LinkedInBot/1.0",
            "Viber/20.0",
        ] {
            assert!(!is_person(Some(agent)), "{agent}");
        }
    }

    #[test]
    fn phones_and_browsers_inside_apps_are_people() {
        for agent in [
            "Mozilla/5.0 (Linux; Android 13; SM-A536B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Mobile Safari/537.36",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/23.0 Chrome/115.0.0.0 Mobile Safari/537.36",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:121.0) Gecko/20100101 Firefox/121.0",
            "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0.4664.45 Mobile Safari/537.36",
            "Mozilla/5.0 (Linux; Android 12; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/117.0.0.0 Mobile Safari/537.36 Instagram 300.0.0.29",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/430.0]",
            "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36 Telegram-Android/10.12.0",
            "Opera/9.80 (Android; Opera Mini/36.2/119.132; U; fa) Presto/2.12.423 Version/12.16",
        ] {
            assert!(is_person(Some(agent)), "{agent}");
        }
    }
}
