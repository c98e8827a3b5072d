//! Every word of the record as people say it. The words themselves (`ordered`, `cap_day`) stay in JSON and CSV.

use crate::campaign::model::Language;
use crate::state::model::{CartState, EnrolmentState, Evidence, MessageState, Reason};
use crate::state::people::Rfm;

/// The reason as a sentence.
#[must_use]
pub const fn reason(reason: Reason, language: Language) -> &'static str {
    let (english, persian) = of_reason(reason);
    pick(language, english, persian)
}

/// The state of a message as a word or two.
#[must_use]
pub const fn message(state: MessageState, language: Language) -> &'static str {
    let (english, persian) = match state {
        MessageState::Scheduled => ("waiting", "در انتظار"),
        MessageState::Sending => ("being handed over", "در حال تحویل به درگاه"),
        MessageState::Sent => ("sent", "فرستاده‌شده"),
        MessageState::Delivered => ("delivered", "رسیده"),
        MessageState::Failed => ("failed", "ناموفق"),
        MessageState::Expired => ("too late, not sent", "دیر شد و فرستاده نشد"),
        MessageState::Cancelled => ("withdrawn", "پس‌گرفته‌شده"),
        MessageState::Unknown => ("in doubt", "نامعلوم"),
    };
    pick(language, english, persian)
}

/// A name among the buyers.
#[must_use]
pub const fn rfm(rfm: Rfm, language: Language) -> &'static str {
    let (english, persian) = match rfm {
        Rfm::Champions => ("champions", "قهرمان‌ها"),
        Rfm::Loyal => ("loyal", "وفادارها"),
        Rfm::PotentialLoyalists => ("potential loyalists", "وفادارهای آینده"),
        Rfm::NewCustomers => ("new customers", "تازه‌واردها"),
        Rfm::Promising => ("promising", "امیدبخش‌ها"),
        Rfm::NeedAttention => ("need attention", "نیازمند توجه"),
        Rfm::AboutToSleep => ("about to sleep", "رو به خواب"),
        Rfm::AtRisk => ("at risk", "در خطر رفتن"),
        Rfm::CannotLose => ("cannot lose", "نباید از دست بروند"),
        Rfm::Hibernating => ("hibernating", "خوابیده‌ها"),
        Rfm::Lost => ("lost", "ازدست‌رفته‌ها"),
    };
    pick(language, english, persian)
}

#[must_use]
pub const fn enrolment(state: EnrolmentState, language: Language) -> &'static str {
    let (english, persian) = match state {
        EnrolmentState::Waiting => ("waits for its moment", "در انتظار زمان خود"),
        EnrolmentState::Active => ("under way", "در جریان"),
        EnrolmentState::Ended => ("ended", "پایان‌یافته"),
    };
    pick(language, english, persian)
}

#[must_use]
pub const fn cart(state: CartState, language: Language) -> &'static str {
    let (english, persian) = match state {
        CartState::Open => ("open", "باز"),
        CartState::Emptied => ("emptied", "خالی‌شده"),
        CartState::Bought => ("bought", "خریده‌شده"),
    };
    pick(language, english, persian)
}

/// What stands for this evidence, for the legend of reports.
#[must_use]
pub const fn evidence(evidence: Evidence, language: Language) -> &'static str {
    let (english, persian) = match evidence {
        Evidence::Coupon => (
            "the order used the code that the text gave (within 30 days): the surest",
            "در سفارش از همان کد تخفیف پیامک استفاده شد (تا ۳۰ روز): مطمئن‌ترین نشانه",
        ),
        Evidence::Link => (
            "a person followed the text's link and ordered within 5 days",
            "خریدار پیوند پیامک را باز کرد و تا ۵ روز بعد سفارش داد",
        ),
        Evidence::Delivered => (
            "no click; the text was delivered and the same number ordered within 24 hours, perhaps anyway",
            "بدون بازکردن پیوند؛ پیامک رسید و همان شماره تا ۲۴ ساعت بعد سفارش داد، شاید بدون پیامک هم می‌داد",
        ),
    };
    pick(language, english, persian)
}

const fn pick(language: Language, english: &'static str, persian: &'static str) -> &'static str {
    match language {
        Language::English => english,
        Language::Persian => persian,
    }
}

#[allow(clippy::too_many_lines)] // one line for each reason
const fn of_reason(reason: Reason) -> (&'static str, &'static str) {
    match reason {
        Reason::Ordered => ("has ordered, so the campaign ended for them", "سفارش داد، پس کمپین برایش تمام شد"),
        Reason::CartEmptied => {
            ("emptied the cart, so there is nothing to remind of", "سبد را خالی کرد و چیزی برای یادآوری نماند")
        }
        Reason::NumberChanged => ("the cart belongs to another number now", "سبد اکنون با شمارهٔ دیگری است"),
        Reason::Reviewed => ("has written the review", "نظرش را نوشت"),
        Reason::BoughtOffer => ("has bought what was offered", "پیشنهاد را خرید"),
        Reason::TakenBack => ("the order was cancelled or refunded", "سفارش لغو شد یا پولش برگشت"),
        Reason::BoughtProduct => ("has bought the product", "همان محصول را خرید"),
        Reason::InCart => ("put the product into the cart", "محصول را در سبد گذاشت"),
        Reason::StockGone => ("the product is out of stock again", "محصول دوباره ناموجود شد"),
        Reason::Restocked => ("there is enough of the product again", "محصول دوباره به‌اندازه هست"),
        Reason::PriceBack => ("the price is no lower any more", "قیمت دیگر پایین‌تر نیست"),
        Reason::Paid => ("the order is paid", "سفارش پرداخت شد"),
        Reason::Visited => ("followed the link", "پیوند را باز کرد"),
        Reason::Replied => ("has answered", "پاسخ داد"),
        Reason::SignedUp => ("has opened an account", "حساب ساخت"),
        Reason::Renewed => ("the subscription goes on", "اشتراک تمدید شد"),
        Reason::SubscriptionEnded => ("the subscription has ended", "اشتراک پایان یافته است"),
        Reason::SegmentLeft => ("does not belong to the campaign's segment any more", "دیگر در گروه این کمپین نیست"),
        Reason::OptedOut => {
            ("has opted out: no campaign text is sent", "لغو کرده است: هیچ پیامک کمپینی فرستاده نمی‌شود")
        }
        Reason::NoConsent => ("has not agreed to marketing texts", "به پیامک تبلیغاتی رضایت نداده است"),
        Reason::Finished => ("came to the end of the campaign", "به پایان کمپین رسید"),
        Reason::GaveUp => ("too long ago: the campaign gave up", "زمان زیادی گذشت و کمپین رهایش کرد"),
        Reason::CampaignOff => ("the campaign was switched off", "کمپین خاموش شد"),
        Reason::CampaignChanged => ("the step is no longer in the campaign", "این گام دیگر در کمپین نیست"),
        Reason::NotForThem => ("the campaign's `who` condition says no", "شرط `who` کمپین او را نمی‌پذیرد"),
        Reason::CoolOff => ("ordered lately: left in peace for a while", "تازه خرید کرده است و مدتی آسوده می‌ماند"),
        Reason::Again => ("was in this campaign too lately", "تازگی در همین کمپین بوده است"),
        Reason::TooLate => ("its moment had passed before it could begin", "پیش از آغاز، زمانش گذشته بود"),
        Reason::Erased => ("the person was erased", "اطلاعات این شخص پاک شد"),
        Reason::Merged => ("turned out to be a person already known", "معلوم شد همان شخصی است که پیش‌تر شناخته شده بود"),
        Reason::ConditionNo => {
            ("the step's `when` condition says no: passed over", "شرط `when` این گام برقرار نبود و از آن گذشت")
        }
        Reason::NothingToOffer => {
            ("nothing to offer: all bought, or out of stock", "چیزی برای پیشنهاد نبود: خریده شده یا ناموجود است")
        }
        Reason::Behind => (
            "waited in a backup that was restored: it may have been sent already",
            "در پشتیبانی بود که بازگردانده شد: شاید پیش‌تر فرستاده شده باشد",
        ),
        Reason::NotDueYet => ("its time has not come", "هنوز وقتش نشده"),
        Reason::OutsideHours => ("waits for the allowed hours", "منتظر ساعت مجاز ارسال است"),
        Reason::CapGap => ("too soon after the last text", "از پیامک قبلی زمان کمی گذشته"),
        Reason::CapDay => ("enough texts for one day", "سهم امروزش پر شده"),
        Reason::CapWeek => ("enough texts for one week", "سهم این هفته‌اش پر شده"),
        Reason::CapMonth => ("enough texts for one month", "سهم این ماهش پر شده"),
        Reason::BudgetDay => ("today's budget is spent", "بودجهٔ امروز تمام شده"),
        Reason::BudgetMonth => ("this month's budget is spent", "بودجهٔ این ماه تمام شده"),
        Reason::BudgetCampaign => ("this campaign's budget is spent", "بودجهٔ این کمپین تمام شده"),
        Reason::RateLimit => ("the gateway's speed limit", "سقف سرعت درگاه پر شده"),
        Reason::GivesWay => ("a more important text goes first", "پیامک مهم‌تری در راه است"),
        Reason::OutOfReach => ("no gateway delivers to this number", "هیچ درگاهی به این شماره پیامک نمی‌رساند"),
        Reason::OnHold => {
            ("sending is on hold (see `bazgasht doctor`)", "ارسال متوقف است (`bazgasht doctor` را ببینید)")
        }
        Reason::CouponUnknown => ("the shop does not know the code", "فروشگاه این کد تخفیف را نمی‌شناسد"),
        Reason::MarginTooSmall => ("the margin leaves no room for a discount", "حاشیه‌ی سود جایی برای تخفیف نمی‌گذارد"),
        Reason::BasketTooSmall => ("the basket is too small for the code", "سبد برای این کد تخفیف کوچک است"),
        Reason::NotEnoughPoints => ("not enough points for the code", "امتیازش برای این کد تخفیف کافی نیست"),
        Reason::CouponDead => ("the code has ended or soon ends", "کد تخفیف تمام شده یا رو به پایان است"),
        Reason::OutOfStock => ("nothing in the cart is in stock", "هیچ کالایی از سبد موجود نیست"),
        Reason::RetryLater => ("the gateway was busy: tried again later", "درگاه شلوغ بود و بعداً دوباره فرستاده می‌شود"),
        Reason::AnotherOnItsWay => ("another text to them is on its way", "پیامک دیگری برای او در راه است"),
        Reason::Expired => ("too late to be of use: not sent", "دیر شده بود و فرستاده نشد"),
        Reason::NoNumber => ("no mobile number is known", "شمارهٔ همراهی از او نداریم"),
        Reason::TextFailed => {
            ("the text or a condition could not be filled in: not sent", "متن یا شرط پر نشد و پیامک فرستاده نشد")
        }
        Reason::TooManyParts => {
            ("the text came out longer than allowed: not sent", "متن بلندتر از حد مجاز شد و فرستاده نشد")
        }
        Reason::Refused => ("the gateway refused it", "درگاه آن را نپذیرفت"),
        Reason::Blocked => ("the number refuses advertising texts", "این شماره پیامک تبلیغاتی را مسدود کرده است"),
        Reason::Undelivered => ("the operator could not deliver it", "اپراتور نتوانست آن را برساند"),
        Reason::GatewayMistake => (
            "the gateway found the request wrong: see the log",
            "درگاه درخواست را نادرست دانست: گزارش برنامه را ببینید",
        ),
        Reason::NoAnswer => (
            "no answer from the gateway: in doubt, and not sent again on a guess",
            "درگاه پاسخ نداد: نامعلوم است و با حدس دوباره فرستاده نمی‌شود",
        ),
        Reason::NeverArrived => ("never arrived at the gateway", "هرگز به درگاه نرسید"),
        Reason::HandedOver => ("handed over to the gateway", "به درگاه داده شد"),
        Reason::Entered => ("entered the campaign", "وارد کمپین شد"),
        Reason::Planned => ("the step's text was planned", "پیامک این گام برنامه‌ریزی شد"),
        Reason::Accepted => ("the gateway accepted it", "درگاه پذیرفت"),
        Reason::Delivered => ("delivered", "به دستش رسید"),
        Reason::OptedIn => ("agreed to texts again", "دوباره به دریافت پیامک رضایت داد"),
        Reason::HeldOut => ("held out, to see what comes without texts", "در گروه گواه است و پیامک نمی‌گیرد"),
        Reason::SegmentEntered => ("came into the segment", "وارد این بخش از مشتریان شد"),
        Reason::Done => ("the step was done", "این گام انجام شد"),
        Reason::Answered => ("answered the question", "به سؤال پاسخ داد"),
        Reason::WroteBack => ("wrote back: somebody should read it", "در پاسخ چیزی نوشت که باید خوانده شود"),
        Reason::PassedOver => ("the step was passed over", "از این گام گذشت"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_reasons_are_said_alike() {
        for language in [Language::English, Language::Persian] {
            let said: BTreeSet<&str> = Reason::ALL.iter().map(|r| reason(*r, language)).collect();
            assert_eq!(said.len(), Reason::ALL.len());
        }
    }
}
